/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-sender INTERFACE CAPTURE [PACKETS_PER_SECOND]: sends a capture over and over, until it is killed.  Without a rate as
 * fast as it can; with one it sleeps between bursts.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BURST      64
#define FRAMES_MAX (1u << 16)
#define LEN_MAX    64

static unsigned char frame[FRAMES_MAX][LEN_MAX];
static struct iovec part[FRAMES_MAX];
static struct mmsghdr message[FRAMES_MAX + BURST]; /* the first BURST again at the end: a burst may begin anywhere */

/* capture_read fills frame[] and message[]; it returns how many there are, 0 when it cannot. */
static unsigned capture_read(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const unsigned char *data;
	unsigned count = 0;

	if (!capture)
		return 0;
	for (; count < FRAMES_MAX && pcap_next_ex(capture, &header, &data) == 1; count++) {
		part[count] = (struct iovec){ frame[count], header->caplen < LEN_MAX ? header->caplen : LEN_MAX };
		memcpy(frame[count], data, part[count].iov_len);
	}
	pcap_close(capture);
	for (unsigned i = 0; count && i < count + BURST; i++)
		message[i].msg_hdr = (struct msghdr){ .msg_iov = &part[i % count], .msg_iovlen = 1 };
	return count;
}

/* socket_open: frames leave at once, past the queueing discipline. */
static int socket_open(const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || to.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return -1;
	return fd;
}

static void timespec_add(struct timespec *time, long ns)
{
	time->tv_nsec += ns;
	while (time->tv_nsec >= 1000000000) {
		time->tv_nsec -= 1000000000;
		time->tv_sec++;
	}
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? capture_read(argv[2]) : 0, at = 0;
	unsigned long rate = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	int fd = argc > 2 ? socket_open(argv[1]) : -1;
	struct timespec next;

	if (count == 0 || fd < 0) {
		fprintf(stderr, "usage: bench-sender INTERFACE CAPTURE [PACKETS_PER_SECOND] (%s)\n", strerror(errno));
		return EXIT_FAILURE;
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		int sent = sendmmsg(fd, &message[at], BURST, 0);

		if (sent < 0 && errno != ENOBUFS && errno != EAGAIN) {
			perror("bench-sender: sendmmsg");
			return EXIT_FAILURE;
		}
		at = (at + (sent > 0 ? (unsigned)sent : 0)) % count;
		if (rate) {
			timespec_add(&next, (long)(BURST * 1000000000ul / rate));
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		}
	}
}
