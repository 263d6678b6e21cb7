#include "wire/json_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "wire/json_value.h"

namespace portolan::wire {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .value(true)
      .null()
      .begin_object()
      .end_object()
      .value("x")
      .end_array()
      .member("c", 0.5)
      .member("d", std::string("s"))
      .key("e")
      .raw("[1]")
      .member("f", UINT64_MAX)
      .end_object();
  EXPECT_EQ(out,
            R"({"a":1,"b":[true,null,{},"x"],"c":0.5,"d":"s","e":[1],"f":18446744073709551615})");
}

RC_GTEST_PROP(JsonWriter, MakesValidJsonOfAnyBytes, (const std::string& bytes)) {
  std::string out;
  JsonWriter(out).value(bytes);
  RC_ASSERT(parse_json(out).has_value());
}

TEST(JsonWriter, ReplacesOnlyBadBytes) {
  std::string out;
  append_json_string(out,
                     "a\xc3\xa9\xff"
                     "b\xed\xa0\x80\xe2\x82");
  EXPECT_EQ(out,
            "\"a\xc3\xa9\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace portolan::wire
