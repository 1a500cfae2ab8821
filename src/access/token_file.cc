#include "access/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/logging.h"
#include "base/posix_error.h"

namespace daybook::access {
namespace {

constexpr std::size_t kStepBytes = 16 << 10;

Status Mistake(const std::string& path, const std::string& what) {
  return {StatusCode::kInvalidArgument, path + ": " + what};
}

// Closed with its owner.
class OpenFile {
 public:
  // Does not wait for a writer where it is a pipe.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<std::unique_ptr<TokenFile>> TokenFile::Open(std::string path,
                                                   std::chrono::milliseconds interval) {
  std::unique_ptr<TokenFile> file(new TokenFile(std::move(path), interval));
  if (const Status status = file->Look(); !status.ok()) return status;
  file->thread_ = std::thread([watched = file.get()] { watched->Watch(); });
  return file;
}

TokenFile::TokenFile(std::string path, std::chrono::milliseconds interval)
    : path_(std::move(path)), interval_(interval) {}

TokenFile::~TokenFile() {
  {
    const MutexLock lock(mutex_);
    stops_ = true;
    stop_changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

// A thread keeps the set that it used last, so that threads meet here only when there is another.
std::shared_ptr<const Grant> TokenFile::Find(std::string_view token) const {
  thread_local std::uint64_t number = 0;
  thread_local std::shared_ptr<const TokenSet> used;
  if (const std::uint64_t now = set_number_; number != now) {
    used = set();
    number = now;
  }
  return used->Find(token);
}

std::shared_ptr<const TokenSet> TokenFile::set() const {
  const MutexLock lock(mutex_);
  return set_;
}

void TokenFile::Set(TokenSet set) {
  static std::atomic<std::uint64_t> sets{0};
  const MutexLock lock(mutex_);
  set_ = std::make_shared<const TokenSet>(std::move(set));
  set_number_ = ++sets;
}

Status TokenFile::Read(std::string& text) const {
  const OpenFile file(path_);
  if (file.get() < 0) return Mistake(path_, PosixError("it cannot be opened", errno).message());
  struct stat about {};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return Mistake(path_, "it is no regular file");
  std::size_t bytes = 0;
  for (;;) {
    if (bytes == text.size()) text.resize(std::min(bytes + kStepBytes, kTokenFileBytesMax + 1));
    const ssize_t read = ::read(file.get(), text.data() + bytes, text.size() - bytes);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Mistake(path_, PosixError("it cannot be read", errno).message());
    if (read == 0) break;
    bytes += static_cast<std::size_t>(read);
    if (bytes > kTokenFileBytesMax) return Mistake(path_, "it is larger than 1Mi");
  }
  text.resize(bytes);
  return {};
}

// Takes over what is new. Says whether the file is right.
Status TokenFile::Look() {
  std::string text;
  if (Status status = Read(text); !status.ok()) return status;
  if (looked_ && text == seen_) return verdict_;
  looked_ = true;
  seen_ = std::move(text);
  Result<TokenSet> said = TokenSet::Parse(seen_);
  verdict_ = said.ok() ? Status() : Mistake(path_, said.status().message());
  if (!said.ok()) return verdict_;
  std::vector<std::shared_ptr<const Grant>> gone;
  if (const auto before = set()) gone = said->TakeOver(*before);
  Set(*std::move(said));
  ++taken_over_;
  logging::Info("tokens are taken over", {{"file", path_}, {"tokens", tokens()}});
  // Who is told, and asks again, is not to find its token still there.
  for (const auto& grant : gone) grant->Revoke();
  return {};
}

void TokenFile::Watch() {
  for (;;) {
    {
      const MutexLock lock(mutex_);
      const auto next = std::chrono::steady_clock::now() + interval_;
      while (!stops_ && stop_changed_.WaitUntil(mutex_, next)) {
      }
      if (stops_) return;
    }
    Report(Look());
  }
}

void TokenFile::Report(const Status& status) {
  is_wrong_ = !status.ok();
  if (status.message() == fault_) return;
  fault_ = status.message();
  if (status.ok()) {
    logging::Info("the token file is right again", {{"file", path_}});
  } else {
    logging::Error("the token file is wrong, and the tokens stay as they were",
                   {{"mistake", fault_}});
  }
}

}  // namespace daybook::access
