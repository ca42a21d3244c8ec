// What the Linux kernel and glibc have and Swift's Glibc module does not show: the batch calls
// are behind _GNU_SOURCE, which would change the Glibc module for every other file, and malloc.h
// is no part of it.
#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <linux/stat.h>
#include <linux/udp.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// One datagram of a batch: `struct mmsghdr` of recvmmsg(2), under a name of our own.
struct weir_mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};

struct timespec;

extern int recvmmsg(int socket, struct weir_mmsghdr *messages, unsigned int count, int flags,
                    struct timespec *timeout);
extern int sendmmsg(int socket, struct weir_mmsghdr *messages, unsigned int count, int flags);
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

extern int pipe2(int ends[2], int flags);

/// Reads what a file is, with the time at which it was made.
extern int statx(int folder, const char *path, int flags, unsigned int mask, struct statx *status);

/// The processor that the calling thread is on: read from memory that the kernel keeps up to date
/// (rseq), where glibc has registered it, else asked of the vDSO.
extern int sched_getcpu(void);

/// What the kernel tells of the process at the other end of a Unix socket: `struct ucred`.
struct weir_ucred {
  int pid;
  unsigned int uid;
  unsigned int gid;
};

/// The size of a terminal. Returns 0, or -1 if the descriptor is none.
static inline int weir_terminal_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size)) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}
