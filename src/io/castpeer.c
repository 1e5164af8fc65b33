#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "castpeer.h"

/* False: it is not counted. */
static bool
key_of(const struct sockaddr_storage *sa, uint8_t key[9])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;

	memset(key, 0, 9);
	if (sa->ss_family == AF_INET) {
		key[0] = 4;
		memcpy(key + 1, &v4->sin_addr, 4);
		return key[1] != 127;
	}
	if (sa->ss_family != AF_INET6)
		return false;
	key[0] = 6;
	memcpy(key + 1, &v6->sin6_addr, 8);
	return !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

int
castpeer_take(struct castpeers *p, const struct sockaddr_storage *sa,
    unsigned max, struct castpeer **out)
{
	struct castpeer *peer;
	uint32_t hash = 2166136261u;	/* FNV-1a */
	uint8_t key[9];

	*out = NULL;
	if (!key_of(sa, key))
		return 0;
	for (size_t i = 0; i < sizeof(key); i++)
		hash = (hash ^ key[i]) * 16777619u;
	hash %= CASTPEER_SLOTS;
	LIST_FOREACH(peer, &p->slot[hash], link)
		/* cppcheck-suppress nullPointerRedundantCheck */
		if (memcmp(peer->key, key, sizeof(key)) == 0)
			break;
	if (peer == NULL) {
		if ((peer = calloc(1, sizeof(*peer))) == NULL)
			return -1;
		memcpy(peer->key, key, sizeof(key));
		LIST_INSERT_HEAD(&p->slot[hash], peer, link);
	} else if (peer->n >= max) {
		return -1;
	}
	peer->n++;
	*out = peer;
	return 0;
}

void
castpeer_drop(struct castpeer *peer)
{
	if (peer == NULL || --peer->n > 0)
		return;
	LIST_REMOVE(peer, link);
	free(peer);
}
