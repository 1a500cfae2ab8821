// The sub-commands that are clients of a server. Each says on standard error why it could not do
// what it was asked for, and returns the exit code: 1 then, 2 where it was asked for what cannot
// be, 128 and the signal's number where SIGINT or SIGTERM ended it.
#pragma once

#include "config/client_options.h"

namespace daybook::client {

int Append(const config::AppendOptions& options);
int Read(const config::ReadOptions& options);
int Tail(const config::ReadOptions& options);
int Logs(const config::LogsOptions& options);
int Cursor(const config::CursorOptions& options);

}  // namespace daybook::client
