/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is let in, who has to go for it, and who is dropped for holding too much. */
#include "rpc/rpc_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALICE 100001
#define BOB   100002
#define CAROL 100003

static struct rpc_client clients[RPC_CLIENTS_ALL];
static struct rpc_client *list[RPC_CLIENTS_ALL];
static unsigned count;

static int empty(void **state)
{
	(void)state;
	memset(clients, 0, sizeof(clients));
	count = 0;
	return 0;
}

static struct rpc_client *add(uid_t uid, bool asked)
{
	struct rpc_client *client = list[count] = &clients[count];

	client->peer.uid = uid;
	client->asked = asked;
	client->connected_ns = ++count;
	return client;
}

static void expect_slot(uid_t uid, enum rpc_slot slot, const struct rpc_client *evicted)
{
	struct rpc_client *found;

	assert_int_equal(rpc_slot_find(list, count, uid, &found), slot);
	assert_ptr_equal(found, evicted);
}

static void test_of_one_user(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RPC_CLIENTS_USER; i++) {
		expect_slot(ALICE, RPC_SLOT_FREE, NULL);
		add(ALICE, i != 7);
	}
	add(BOB, false);
	expect_slot(ALICE, RPC_SLOT_EVICT, &clients[7]);
	clients[7].asked = true;
	expect_slot(ALICE, RPC_SLOT_USER_FULL, NULL);
	expect_slot(BOB, RPC_SLOT_FREE, NULL);
	clients[3].gone = true;
	expect_slot(ALICE, RPC_SLOT_FREE, NULL);
}

static void test_of_all(void **state)
{
	struct rpc_client *roots, *second;

	(void)state;
	roots = add(0, false);
	for (unsigned i = 1; i < RPC_CLIENTS_MAX; i++)
		add(i % 2 ? ALICE : BOB, true);
	expect_slot(CAROL, RPC_SLOT_FULL, NULL); /* root's idler stays */
	for (unsigned i = 0; i < RPC_CLIENTS_KEPT; i++) {
		expect_slot(0, RPC_SLOT_FREE, NULL);
		add(0, true);
	}
	expect_slot(0, RPC_SLOT_EVICT, roots);
	second = list[9];
	second->asked = false;
	list[40]->asked = false;
	expect_slot(0, RPC_SLOT_EVICT, second); /* others' before root's, and who came first */
	expect_slot(CAROL, RPC_SLOT_EVICT, second);
	second->asked = list[40]->asked = roots->asked = true;
	expect_slot(0, RPC_SLOT_FULL, NULL);
}

static size_t held(struct rpc_client *client)
{
	return client->output.end;
}

static void test_greediest(void **state)
{
	struct rpc_client *root, *one, *many[3];

	(void)state;
	assert_null(rpc_slot_greediest(list, count, held));
	root = add(0, true);
	assert_null(rpc_slot_greediest(list, count, held));
	root->output.end = 1000;
	assert_ptr_equal(rpc_slot_greediest(list, count, held), root);
	one = add(ALICE, true);
	one->output.end = 10;
	assert_ptr_equal(rpc_slot_greediest(list, count, held), one);
	for (unsigned i = 0; i < 3; i++) {
		many[i] = add(BOB, true);
		many[i]->output.end = 4 + i % 2;
	}
	assert_ptr_equal(rpc_slot_greediest(list, count, held), many[1]); /* 13 of his together, 5 in this one */
	many[1]->gone = true;
	assert_ptr_equal(rpc_slot_greediest(list, count, held), one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_of_one_user, empty),
		cmocka_unit_test_setup(test_of_all, empty),
		cmocka_unit_test_setup(test_greediest, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
