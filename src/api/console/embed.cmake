# cmake -D OUTPUT=FILE -P embed.cmake: writes console_page.cc, which has the files beside this one as one document. Those in
# JavaScript are one module, in this order.
set(scripts show.js requests.js follow.js record.js record_list.js logs.js log.js append.js charts.js console.js)

set(js "")
foreach(script IN LISTS scripts)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${script} part)
  string(APPEND js "\n${part}")
endforeach()
file(READ ${CMAKE_CURRENT_LIST_DIR}/console.css css)
file(READ ${CMAKE_CURRENT_LIST_DIR}/console.html page)
string(REPLACE "@CSS@" "\n${css}" page "${page}")
string(REPLACE "@JS@" "${js}" page "${page}")
file(WRITE ${OUTPUT} "#include \"api/console_page.h\"

namespace daybook::api {

const std::string_view kConsolePage = R\"console(${page})console\";

}  // namespace daybook::api
")
