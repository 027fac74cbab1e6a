/* SPDX-License-Identifier: ISC */
/*
 * ready: poll(2) without a limit, as a blocking call has none.
 */
#include "sys/ready.h"

#include <errno.h>
#include <poll.h>

static bool ready_for(int fd, short events)
{
	struct pollfd wanted = {.fd = fd, .events = events};

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	poll(&wanted, 1, -1); /* whatever comes of it, the next call says */
	return true;
}

bool ready_to_read(int fd)
{
	return ready_for(fd, POLLIN);
}

bool ready_to_write(int fd)
{
	return ready_for(fd, POLLOUT);
}
