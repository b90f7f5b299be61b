/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void room_begins_with_first_and_doubles(void **state)
{
	size_t capacity = 0;
	uint32_t *array = array_room(NULL, &capacity, 1, 4, sizeof(*array));

	(void)state;
	assert_non_null(array);
	assert_int_equal(capacity, 4);
	for (uint32_t i = 0; i < 1000; i++) {
		size_t before = capacity;

		array = array_room(array, &capacity, i + 1, 4, sizeof(*array));
		assert_non_null(array);
		assert_true(capacity > i);
		assert_true(capacity == before || capacity == 2 * before);
		array[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	free(array);
}

static void as_much_as_is_needed(void **state)
{
	size_t capacity = 0;
	char *array = array_room(NULL, &capacity, 100, 4, 1);

	(void)state;
	assert_int_equal(capacity, 100);
	array[99] = 'x';
	assert_ptr_equal(array_room(array, &capacity, 100, 4, 1), array);
	assert_int_equal(capacity, 100);
	array = array_room(array, &capacity, 1000, 4, 1);
	assert_int_equal(capacity, 1000);
	assert_int_equal(array[99], 'x');
	free(array);
}

static void what_cannot_be_had_changes_nothing(void **state)
{
	size_t capacity = 0;
	uint64_t *array = array_room(NULL, &capacity, 2, 2, sizeof(*array));

	(void)state;
	array[1] = 7;
	assert_null(array_room(array, &capacity, SIZE_MAX / 8 + 1, 2, sizeof(*array))); /* its bytes are no size_t */
	assert_int_equal(capacity, 2);
	assert_int_equal(array[1], 7);
	free(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_begins_with_first_and_doubles),
		cmocka_unit_test(as_much_as_is_needed),
		cmocka_unit_test(what_cannot_be_had_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
