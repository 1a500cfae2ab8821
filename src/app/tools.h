// The sub-commands that work on files. Each says on standard error why it could not do what
// it was asked for, and returns the exit code: 1 then, 2 where it was asked for what cannot be.
#pragma once

#include "config/config.h"

namespace daybook::app {

int Backup(const config::CopyOptions& options);
int Restore(const config::CopyOptions& options);
int Dump(const config::DumpOptions& options);
int Import(const config::ImportOptions& options);
int Verify(const config::ExamOptions& options);
int Repair(const config::ExamOptions& options);
int NewToken(const config::TokenOptions& options);

}  // namespace daybook::app
