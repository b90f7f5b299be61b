/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of vmmq top, drawn from samples and compared with golden screens:  top_draw_test FOLDER
 * FOLDER has top_N_processors.json (tests/cli/top_fake_daemon.py --print) and the screens.  With UPDATE_GOLDEN=1 in the
 * environment they are written instead: look at them before they are committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/top/top_draw.h"

static const char *folder;

struct screen {
	const char *file, *samples;
	unsigned rows, columns;
	bool ascii;
	struct top_choice choice;
};

static const struct screen screens[] = {
	{ "top_80x24.txt", "top_64_processors.json", 24, 80, false, { .selected = 1, .lost = "" } },
	{ "top_160x50.txt", "top_64_processors.json", 50, 160, false, { .selected = 1, .lost = "" } },
	{ "top_80x24_ascii.txt", "top_4_processors.json", 24, 80, true, { .selected = 3, .lost = "" } },
	{ "top_80x24_4.txt", "top_4_processors.json", 24, 80, false, { .selected = 1, .lost = "" } },
	{ "top_60x16.txt", "top_4_processors.json", 16, 60, false, { .selected = 1, .lost = "" } },
	{ "top_40x10.txt", "top_64_processors.json", 10, 40, false, { .selected = 1, .lost = "" } },
	{ "top_lost.txt",
	  "top_4_processors.json",
	  24,
	  80,
	  false,
	  { .selected = 9,
	    .follow = true,
	    .sort = TOP_SORT_RATE,
	    .paused = true,
	    .lost = "vmmqd is gone, trying again" } },
	{ "top_vport.txt",
	  "top_4_processors.json",
	  30,
	  80,
	  false,
	  { .page = TOP_PAGE_VPORT, .selected = 1, .lost = "" } },
	{ "top_vport_160x50.txt",
	  "top_64_processors.json",
	  50,
	  160,
	  false,
	  { .page = TOP_PAGE_VPORT, .selected = 3, .lost = "" } },
	{ "top_processors.txt",
	  "top_64_processors.json",
	  24,
	  80,
	  false,
	  { .page = TOP_PAGE_PROCESSORS, .first = 60, .lost = "" } },
	{ "top_help.txt", "top_4_processors.json", 24, 80, false, { .page = TOP_PAGE_HELP, .lost = "" } },
};

static void model_read(struct top_model *model, const char *name)
{
	const char *why = "";
	json_t *samples, *sample;
	char path[4096];
	size_t i;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	samples = json_load_file(path, 0, NULL);
	assert_non_null(samples);
	json_array_foreach(samples, i, sample)
	{
		assert_true(top_model_feed(model, sample, &why));
	}
	json_decref(samples);
}

static char *file_text(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen(path, "r");

	assert_non_null(text);
	if (file) {
		assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
		fclose(file);
	}
	return text;
}

static void check_screen(const struct screen *screen, struct canvas *canvas)
{
	char path[4096], *drawn = NULL, *golden;
	size_t len;
	FILE *out = open_memstream(&drawn, &len);

	assert_non_null(out);
	canvas_print(canvas, out);
	fclose(out);
	snprintf(path, sizeof(path), "%s/%s", folder, screen->file);
	if (getenv("UPDATE_GOLDEN")) {
		out = fopen(path, "w");
		assert_non_null(out);
		fputs(drawn, out);
		fclose(out);
	}
	golden = file_text(path);
	if (strcmp(drawn, golden) != 0)
		print_error("%s: this was drawn instead:\n%s", path, drawn);
	assert_string_equal(drawn, golden);
	free(golden);
	free(drawn);
}

static void golden_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		struct canvas canvas = { .unicode = !screens[i].ascii };
		struct top_choice choice = screens[i].choice;
		struct top_model model = { 0 };

		model_read(&model, screens[i].samples);
		assert_true(canvas_resize(&canvas, screens[i].rows, screens[i].columns));
		top_draw(&canvas, &model, &choice);
		check_screen(&screens[i], &canvas);
		canvas_fini(&canvas);
		top_model_fini(&model);
	}
}

/* Every page at every small size, scrolled far too far: nothing may be written outside (the sanitizer build sees it). */
static void any_size(void **state)
{
	struct top_model model = { 0 };

	(void)state;
	model_read(&model, "top_64_processors.json");
	for (unsigned rows = 1; rows < 40; rows += rows < 12 ? 1 : 9) {
		for (unsigned columns = 1; columns < 260; columns += columns < 90 ? 1 : 23) {
			for (enum top_page page = TOP_PAGE_MAIN; page <= TOP_PAGE_HELP; page++) {
				struct canvas canvas = { .unicode = columns % 2 };
				struct top_choice choice = { .page = page, .first = 1000, .selected = 2, .lost = "" };

				assert_true(canvas_resize(&canvas, rows, columns));
				top_draw(&canvas, &model, &choice);
				canvas_fini(&canvas);
			}
		}
	}
	top_model_fini(&model);
}

/* Without colour a moved entry has a mark; a terminal with colour keeps the heat. */
static void moved_entries_are_marked(void **state)
{
	struct top_model model = { 0 };
	const char *why;
	json_t *sample;

	(void)state;
	for (int processor = 0; processor < 2; processor++) {
		struct canvas canvas = { .unicode = true, .colour = processor };
		struct top_vport *vport;

		sample = json_pack("{s:f, s:{s:f}, s:[], s:[{s:i, s:[{s:i, s:i, s:i}]}]}", "time", 1.0, "adapter",
				   "uptime", 10.0 + processor, "processors", "vports", "vport", 1, "entries", "entry",
				   0, "processor", processor, "packets", 100 * processor);
		assert_true(top_model_feed(&model, sample, &why));
		json_decref(sample);
		vport = top_model_vport(&model, 1);
		assert_true(canvas_resize(&canvas, 1, 4));
		draw_entries(&canvas, 0, 0, 4, &model, vport);
		assert_int_equal(canvas.cell[0].text, processor ? L'▒' : L'·');
		assert_int_equal(canvas.cell[0].style, processor ? CANVAS_MOVED : CANVAS_HEAT_0);
		canvas.colour = false;
		draw_entries(&canvas, 0, 0, 4, &model, vport);
		assert_int_equal(canvas.cell[0].text, processor ? L'◆' : L'·');
		canvas_fini(&canvas);
	}
	top_model_fini(&model);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_screens),
		cmocka_unit_test(any_size),
		cmocka_unit_test(moved_entries_are_marked),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: top_draw_test FOLDER\n");
		return 2;
	}
	folder = argv[1];
	setenv("TZ", "UTC", 1);
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("the locale C.UTF-8 does not exist here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
