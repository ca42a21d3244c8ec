/// An operator, an account with JetStream and a user of it, who never expire. They were made for these tests alone, and
/// nobody else knows them.
enum NATSAccounts {
  /// The JWT of the operator.
  static let operatorToken = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiIyRkRYV1lITEFONkpONFdCVU03N0xIU\
    VNKQzNENTMyN0JORVREUEkzVkZSSVJXS0dVU0ZBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPRFM1TFgzUVpYM\
    1dGNkRCU042TFJQRDJQQUozVlYyREJTT0xPVFE3WENWVk9aRkxYSk40RTNFMiIsIm5hbWUiOiJ0ZXN0Iiwic3ViI\
    joiT0RTNUxYM1FaWDNXRjZEQlNONkxSUEQyUEFKM1ZWMkRCU09MT1RRN1hDVlZPWkZMWEpONEUzRTIiLCJuYXRzI\
    jp7InR5cGUiOiJvcGVyYXRvciIsInZlcnNpb24iOjIsInN5c3RlbV9hY2NvdW50IjoiQUMyQzZZUzNTSlo2QVJUQ\
    TNCUjVXUzQ0QUJTWFo1WllQREhYREtEWVRVTjJORENCRTRYTUJYUFMifX0.8v22kvqV7apRnn4Fe5mCJkI-qeWDv\
    fV6eo3_ZVSqI145xXhektWdYzHsQ6AC8amEfApe2oEFYusHOZBN7424Dg
    """
  static let systemAccount = "AC2C6YS3SJZ6ARTA3BR5WS44ABSXZ5ZYPDHXDKDYTUN2NDCBE4XMBXPS"
  /// The JWT of the system's account.
  static let systemAccountToken = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiI3RFhZNktVSVlYUVJNVjY0VlBWQTUyV\
    FBBSk9WTVhaU05WR1JMUlpLRVM1N1FDNVJGREpRIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPRFM1TFgzUVpYM\
    1dGNkRCU042TFJQRDJQQUozVlYyREJTT0xPVFE3WENWVk9aRkxYSk40RTNFMiIsIm5hbWUiOiJTWVMiLCJzdWIiO\
    iJBQzJDNllTM1NKWjZBUlRBM0JSNVdTNDRBQlNYWjVaWVBESFhES0RZVFVOMk5EQ0JFNFhNQlhQUyIsIm5hdHMiO\
    nsidHlwZSI6ImFjY291bnQiLCJ2ZXJzaW9uIjoyLCJsaW1pdHMiOnsic3VicyI6LTEsImRhdGEiOi0xLCJwYXlsb\
    2FkIjotMSwiaW1wb3J0cyI6LTEsImV4cG9ydHMiOi0xLCJ3aWxkY2FyZHMiOnRydWUsImNvbm4iOi0xLCJsZWFmI\
    jotMX19fQ.QWvqmhtLpK_K4N-_6l8kcDli4YK1SzOBuY55YJSiYhJoiXeZzV-LRoqPWuOZg-UPIVdEpfDCTHewV6\
    8rO4y8Bg
    """
  static let account = "AANHEU44YQ53IPNRHNPANN7FI7L3EGXVUSTANAS2HU45NFP6PJ36EMZD"
  /// The JWT of the account.
  static let accountToken = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJZT0pIT0VFM0wzQ1lYVTZHSlY1SVdCR\
    kVMNFpNQjRZQlJaSzRJV0NEQTRSUUxLMzRIR05BIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPRFM1TFgzUVpYM\
    1dGNkRCU042TFJQRDJQQUozVlYyREJTT0xPVFE3WENWVk9aRkxYSk40RTNFMiIsIm5hbWUiOiJXRUlSIiwic3ViI\
    joiQUFOSEVVNDRZUTUzSVBOUkhOUEFOTjdGSTdMM0VHWFZVU1RBTkFTMkhVNDVORlA2UEozNkVNWkQiLCJuYXRzI\
    jp7InR5cGUiOiJhY2NvdW50IiwidmVyc2lvbiI6MiwibGltaXRzIjp7InN1YnMiOi0xLCJkYXRhIjotMSwicGF5b\
    G9hZCI6LTEsImltcG9ydHMiOi0xLCJleHBvcnRzIjotMSwid2lsZGNhcmRzIjp0cnVlLCJjb25uIjotMSwibGVhZ\
    iI6LTEsIm1lbV9zdG9yYWdlIjotMSwiZGlza19zdG9yYWdlIjotMSwic3RyZWFtcyI6LTEsImNvbnN1bWVyIjotM\
    X19fQ.t9AwQ_fLyGF8SYEudVl2MsHh-uVelzV2VJ4ijL0x3oWVfZvSmdlif5UJQmvu2ok8UXjSSrHE7ik417CHsQ\
    9oAg
    """
  /// The JWT of the user.
  static let userToken = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJFRUlGU0tTWDVIRVkzWkVLSVZBNldHQ\
    jU0UzJGQVU3RUxMQTdVQzc0SDVYUTZGTURQTDZRIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJBQU5IRVU0NFlRN\
    TNJUE5SSE5QQU5ON0ZJN0wzRUdYVlVTVEFOQVMySFU0NU5GUDZQSjM2RU1aRCIsIm5hbWUiOiJ3ZWlyIiwic3ViI\
    joiVUFYWERPSUhJSUZER0U2UjY0VlcyN0kzSzNUNVI3MzRVSkQyTDUyN1REVFJaQ0FRUk1JRkxMQVEiLCJuYXRzI\
    jp7InR5cGUiOiJ1c2VyIiwidmVyc2lvbiI6Miwic3VicyI6LTEsImRhdGEiOi0xLCJwYXlsb2FkIjotMX19.nYmP\
    McQdhN3XbSF4uPtHZX8MLGBJwpUg_CXu1fX85RzrQ7lPVLkP_wgTlILXCAE0FJF-R9C7CMa36hJeFgbuDg
    """
  static let userSeed = "SUAOHYONKAMTCCISDEQHPAPWPR4CIQ4IUETOJX4PZ6EMR4XV3MKKXEJYRQ"

  /// Lines of a server's configuration.
  static let configuration = """
    operator: \(operatorToken)
    system_account: \(systemAccount)
    resolver: MEMORY
    resolver_preload: {
      \(systemAccount): \(systemAccountToken)
      \(account): \(accountToken)
    }
    """

  /// A file as operators' tools write it.
  static let credentials = """
    -----BEGIN NATS USER JWT-----
    \(userToken)
    ------END NATS USER JWT------

    -----BEGIN USER NKEY SEED-----
    \(userSeed)
    ------END USER NKEY SEED------

    """
}
