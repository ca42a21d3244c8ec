"""moto as a CloudWatch that checks signatures.

cloudwatch_moto.py serve           prints {"url", "key", "secret", "role_key", "role_secret", "role_token"}, then serves
cloudwatch_moto.py read URL NAME [LABEL=VALUE ...]   prints what the namespace Weir has of a metric
"""

import json
import os
import sys
import threading
from datetime import datetime, timedelta, timezone

# The calls that make users come first; from then on moto checks signatures and permissions.
SETUP_CALLS = 6


def client(service, url, key="x", secret="y"):
    import boto3

    return boto3.client(
        service, endpoint_url=url, region_name="us-east-1",
        aws_access_key_id=key, aws_secret_access_key=secret)


def allow_all():
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def serve(enforces):
    if enforces:
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETUP_CALLS)
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    iam = client("iam", url)
    iam.create_user(UserName="weir")
    key = iam.create_access_key(UserName="weir")["AccessKey"]
    iam.put_user_policy(UserName="weir", PolicyName="p", PolicyDocument=allow_all())
    trust = json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
    role = iam.create_role(RoleName="weir", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="weir", PolicyName="p", PolicyDocument=allow_all())
    temporary = client("sts", url).assume_role(RoleArn=role, RoleSessionName="weir")["Credentials"]
    print(json.dumps({
        "url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"],
        "role_key": temporary["AccessKeyId"], "role_secret": temporary["SecretAccessKey"],
        "role_token": temporary["SessionToken"]}), flush=True)
    threading.Event().wait()


def read(url, key, secret, name, labels):
    cloudwatch = client("cloudwatch", url, key, secret)
    now = datetime.now(timezone.utc)
    points = cloudwatch.get_metric_statistics(
        Namespace="Weir", MetricName=name,
        Dimensions=[dict(zip(("Name", "Value"), label.split("=", 1))) for label in labels],
        StartTime=now - timedelta(minutes=30), EndTime=now + timedelta(minutes=2), Period=60,
        Statistics=["Sum", "SampleCount", "Minimum", "Maximum"])["Datapoints"]
    print(json.dumps({
        "sum": sum(point["Sum"] for point in points),
        "count": sum(point["SampleCount"] for point in points),
        "min": min((point["Minimum"] for point in points), default=None),
        "max": max((point["Maximum"] for point in points), default=None),
        "unit": points[0]["Unit"] if points else None}))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(enforces="--open" not in sys.argv)
    else:
        read(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5], sys.argv[6:])
