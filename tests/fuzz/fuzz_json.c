/* fuzz_json.c - any text to json_read(); a text of an object must survive being written by the
 * streaming writer. */
#include "base/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	json_t *json = NULL;

	if (json_read((const char *)data, size, &json, &err) < 0)
		return 0;
	const char *key;
	json_t *value;
	struct buf out = { 0 };
	struct json_writer writer;

	json_writer_init(&writer, &out);
	json_open_object(&writer, NULL);
	json_object_foreach(json, key, value) if (json_is_string(value))
		json_put_text_n(&writer, key, json_string_value(value), json_string_length(value));
	json_close_object(&writer);
	MUST(!out.has_failed);
	json_t *again = NULL;
	MUST(json_read(buf_text(&out), out.size, &again, &err) == 0);
	json_decref(again);
	json_decref(json);
	buf_done(&out);
	return 0;
}
