#define _GNU_SOURCE
#include "weir-nats.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Waits for events of a socket until `end`. Returns whether one came.
static int wait_for(int socket, short events, int64_t end) {
  struct pollfd poller = {.fd = socket, .events = events};
  while (1) {
    int64_t left = end - now_milliseconds();
    if (left <= 0) {
      errno = ETIMEDOUT;
      return 0;
    }
    int ready = poll(&poller, 1, (int)left);
    if (ready > 0) return 1;
    if (ready < 0 && errno != EINTR) return 0;
  }
}

/// Returns a connected socket, or -1 and `errno`.
static int connected(const struct addrinfo *address, int64_t end) {
  int made = socket(
    address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
  if (made < 0) return -1;
  if (connect(made, address->ai_addr, address->ai_addrlen) == 0) return made;
  int fault = errno;
  socklen_t size = sizeof fault;
  if (fault == EINPROGRESS) {
    if (!wait_for(made, POLLOUT, end))
      fault = errno;
    else if (getsockopt(made, SOL_SOCKET, SO_ERROR, &fault, &size) != 0)
      fault = errno;
    else if (fault == 0)
      return made;
  }
  close(made);
  errno = fault;
  return -1;
}

/// Reads up to the end of a line. Returns whether there was one.
static int read_line(int socket, int64_t end, char *line, size_t line_size) {
  size_t count = 0;
  while (count < line_size - 1) {
    if (!wait_for(socket, POLLIN, end)) return 0;
    ssize_t read = recv(socket, line + count, line_size - 1 - count, 0);
    if (read < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (read < 0) return 0;
    if (read == 0) {
      errno = ECONNRESET;
      return 0;
    }
    count += (size_t)read;
    line[count] = 0;
    char *last = memchr(line, '\n', count);
    if (last) {
      *last = 0;
      return 1;
    }
  }
  errno = EMSGSIZE;
  return 0;
}

const char *weir_nats_greeting(
  const char *host, const char *port, int milliseconds, char *line, size_t line_size) {
  struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *addresses = NULL;
  int fault = getaddrinfo(host, port, &wanted, &addresses);
  if (fault) {
    snprintf(line, line_size, "%s", gai_strerror(fault));
    return line;
  }
  int64_t end = now_milliseconds() + milliseconds;
  int socket = -1;
  for (struct addrinfo *each = addresses; each && socket < 0; each = each->ai_next)
    socket = connected(each, end);
  int is_read = socket >= 0 && read_line(socket, end, line, line_size);
  fault = errno;
  if (socket >= 0) close(socket);
  freeaddrinfo(addresses);
  if (is_read) return NULL;
  char text[128];
  snprintf(line, line_size, "%s", strerror_r(fault, text, sizeof text));
  return line;
}
