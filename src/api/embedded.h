// Answers with what is a part of the program and the same for everybody: documents and pages.
#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace daybook::api {

// GET of `body`, zipped for who takes that, each form with an entity tag. `fields` are whole lines.
http::Handler EmbeddedDocument(std::string body, std::string_view media_type,
                               std::string fields = "");

// The same of a page that has its only script and its only style within. What may run in it is
// named by their hashes, so that nothing else does.
http::Handler EmbeddedPage(std::string_view page);

}  // namespace daybook::api
