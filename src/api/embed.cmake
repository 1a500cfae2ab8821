# cmake -D NAME=kName -D DOCUMENT=FILE [-D STYLES=FILES] [-D SCRIPTS=FILES] -D OUTPUT=FILE -P embed.cmake: writes a source file
# in which the string NAME, which embedded_text.h declares, is the document. Of HTML @CSS@ and @JS@ are those files, one behind
# the other; of JSON a member "@part": {} stands for the members of part.json, which lies beside it.

# The files of `paths` as one text.
function(read_all result paths)
  set(all "")
  foreach(path IN LISTS paths)
    file(READ ${path} part)
    string(APPEND all "\n${part}")
  endforeach()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

# The members of the object in the file, without its braces.
function(read_members result path)
  file(READ ${path} members)
  string(REGEX REPLACE "^{[ \n]*" "" members "${members}")
  string(REGEX REPLACE "[ \n]*}[ \n]*$" "" members "${members}")
  set(${result} "${members}" PARENT_SCOPE)
endfunction()

file(READ ${DOCUMENT} text)
read_all(css "${STYLES}")
read_all(js "${SCRIPTS}")
string(REPLACE "@CSS@" "${css}" text "${text}")
string(REPLACE "@JS@" "${js}" text "${text}")
get_filename_component(folder ${DOCUMENT} DIRECTORY)
while(text MATCHES "\"@([a-z0-9_]+)\": {}")
  read_members(members ${folder}/${CMAKE_MATCH_1}.json)
  string(REPLACE "\"@${CMAKE_MATCH_1}\": {}" "${members}" text "${text}")
endwhile()
file(WRITE ${OUTPUT} "#include \"api/embedded_text.h\"

namespace daybook::api {

const std::string_view ${NAME} = R\"embedded(${text})embedded\";

}  // namespace daybook::api
")
