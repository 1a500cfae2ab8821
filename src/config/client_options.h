// The options of the commands that are clients of a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::config {

inline constexpr std::string_view kServerVariable = "DAYBOOK_SERVER";
inline constexpr std::string_view kTokenVariable = "DAYBOOK_TOKEN";

// How records, and what else the server says, are written to standard output.
enum class OutputForm { kText, kJson, kRaw };

// Of all of them.
struct ClientOptions {
  std::string server = "http://127.0.0.1:8080";
  std::string token;  // empty: none is sent; never shown
  // How long a request is tried again that found nobody, or one that is busy; none: for ever.
  std::optional<std::chrono::milliseconds> timeout = std::chrono::seconds(30);
  OutputForm output = OutputForm::kText;
};

// Of `daybook append`.
struct AppendOptions {
  enum class Input {
    kText,     // a line, or a value, is a record's value
    kJson,     // is JSON, which is stored as it is
    kRecords,  // is a record as the API takes it, with key and headers
    kRaw,      // all of standard input is one record's value
  };

  ClientOptions client;
  std::string log = "default";
  Input input = Input::kText;
  std::vector<std::string> values;  // empty: standard input
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::uint64_t> expected_next_offset;
  bool create = false;
};

// Where a read begins, as the API's query says it: `offset=5`, `last=10`.
struct ReadStart {
  std::string name;  // empty: it was not said
  std::string value;
};

// Of `daybook read` and `daybook tail`.
struct ReadOptions {
  ClientOptions client;
  std::string log = "default";
  ReadStart start;
  std::optional<std::uint64_t> limit;  // of read
  std::optional<std::string> key;
  std::string encoding = "text";  // of values in JSON
  std::string cursor;             // of tail; empty: none
};

// Of `daybook logs`.
struct LogsOptions {
  enum class Action { kList, kShow, kCreate, kSet, kDelete, kTrim };

  ClientOptions client;
  Action action = Action::kList;
  std::string name;
  std::string prefix;                    // of kList
  std::optional<std::string> max_age;    // of kCreate and kSet; "none": without bound
  std::optional<std::string> max_bytes;  // likewise
  std::uint64_t before = 0;              // of kTrim
};

// Of `daybook cursor`.
struct CursorOptions {
  enum class Action { kList, kGet, kSet, kDelete };

  ClientOptions client;
  Action action = Action::kList;
  std::string log = "default";
  std::string name;
  std::uint64_t offset = 0;               // of kSet
  std::optional<std::uint64_t> revision;  // of kSet and kDelete: only where this is the cursor's
};

}  // namespace daybook::config
