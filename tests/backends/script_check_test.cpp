// Which scripts are run with our rights.
#include "backends/scripts/script_check.hpp"
#include "tests/backends/test_bed.hpp"

#include <sys/stat.h>

using namespace vrrp;
using namespace vrrp::test;
using backend::check_script;

namespace {

// Directories below the temporary one, and a script that nothing is wrong with.
struct Place {
    Place() {
        fs::create_directories(root / "etc/scripts");
        std::ofstream(script) << "#!/bin/sh\n";
        mode(script, 0755);
        mode(root / "etc", 0755);
        mode(root / "etc/scripts", 0755);
    }
    static void mode(const fs::path& path, mode_t bits) { REQUIRE(::chmod(path.c_str(), bits) == 0); }
    static std::string refusal(const fs::path& path, const backend::ScriptUser* user = nullptr) {
        const auto checked = check_script(path.string(), user);
        return checked ? "accepted" : checked.error();
    }
    std::string refusal() const { return refusal(script); }

    TemporaryDirectory root;
    fs::path script = root / "etc/scripts/MASTER.sh";
};

} // namespace

TEST_CASE("a script that only its owner can change is run") {
    Place place;
    CHECK(check_script(place.script) == place.script);
    CHECK(check_script(place.root / "etc//./scripts/../scripts/MASTER.sh") == place.script);
    CHECK(check_script("/bin/sh"));
}

TEST_CASE("a script is named by an absolute path") {
    CHECK(Place::refusal("MASTER.sh") == "not an absolute path: MASTER.sh");
    CHECK(Place::refusal("") == "not an absolute path: ");
}

TEST_CASE("a script has to be there, and to be a file") {
    Place place;
    CHECK(Place::refusal(place.root / "etc/none.sh") ==
          "No such file or directory: " + (place.root / "etc/none.sh").string());
    CHECK(Place::refusal(place.root / "etc") == "not a regular file: " + (place.root / "etc").string());
    CHECK(Place::refusal("/dev/null") == "can be written by others: /dev/null");
    CHECK(Place::refusal("/") == "not a regular file: /");
    CHECK(Place::refusal(place.script / "below") == "Not a directory: " + (place.script / "below").string());
}

TEST_CASE("a script has to be executable") {
    Place place;
    Place::mode(place.script, 0644);
    CHECK(place.refusal() == "not executable: " + place.script.string());
}

TEST_CASE("a script that others can write is refused") {
    Place place;
    Place::mode(place.script, GENERATE(0775, 0757, 0777, 01777));
    CHECK(place.refusal() == "can be written by others: " + place.script.string());
}

TEST_CASE("a script in a directory that others can write is refused") {
    Place place;
    const fs::path directory = place.root / GENERATE(as<std::string>(), "etc/scripts", "etc");
    Place::mode(directory, 0777);
    CHECK(place.refusal() == "can be written by others: " + directory.string());
    Place::mode(directory, 01777); // sticky: others cannot replace what is ours
    CHECK(place.refusal() == "accepted");
}

TEST_CASE("a script that is another user's, or below another user's directory, is refused") {
    if (::geteuid() != 0) return; // only root can give files away
    Place place;
    const fs::path given = place.root / GENERATE(as<std::string>(), "etc/scripts/MASTER.sh", "etc");
    REQUIRE(::chown(given.c_str(), 65534, 65534) == 0);
    CHECK(place.refusal() == "owned by another user: " + given.string());
}

TEST_CASE("a script that runs as a user may be that one's, and no third one's") {
    if (::geteuid() != 0) return; // only root can give files away
    const backend::ScriptUser alice{
        .name = "alice", .home = "/", .shell = "/bin/sh", .uid = 4711, .gid = 4712, .groups = {4712, 4713}};
    Place place;
    Place::mode(place.root.path(), 0755);
    CHECK(Place::refusal(place.script, &alice) == "accepted");
    REQUIRE(::chown(place.script.c_str(), 4711, 4712) == 0);
    CHECK(Place::refusal(place.script, &alice) == "accepted");
    CHECK(place.refusal() ==
          "owned by another user: " + place.script.string()); // with our rights it is not run
    Place::mode(place.script, 0775);
    CHECK(Place::refusal(place.script, &alice) == "can be written by others: " + place.script.string());
    Place::mode(place.script, 0755);
    REQUIRE(::chown(place.script.c_str(), 4700, 4712) == 0);
    CHECK(Place::refusal(place.script, &alice) == "owned by another user: " + place.script.string());
}

TEST_CASE("a script that its user cannot reach or execute is refused") {
    if (::geteuid() != 0) return;
    const backend::ScriptUser alice{
        .name = "alice", .home = "/", .shell = "/bin/sh", .uid = 4711, .gid = 4712, .groups = {4712, 4713}};
    struct Row {
        mode_t mode;
        uid_t owner;
        gid_t group;
        bool runs;
    };
    const Row rows[] = {{0700, 0, 0, false},   {0701, 0, 0, true},     {0710, 0, 0, false},
                        {0710, 0, 4712, true}, {0710, 0, 4713, true},  {0701, 0, 4713, false},
                        {0700, 4711, 0, true}, {0611, 4711, 0, false}, {0644, 0, 0, false}};
    Place place;
    Place::mode(place.root.path(), 0755);
    for (const Row& row : rows) {
        INFO(std::oct << row.mode << " " << std::dec << row.owner << " " << row.group);
        REQUIRE(::chown(place.script.c_str(), row.owner, row.group) == 0);
        Place::mode(place.script, row.mode);
        CHECK(Place::refusal(place.script, &alice) ==
              (row.runs ? "accepted" : "user alice may not execute it: " + place.script.string()));
    }
    REQUIRE(::chown(place.script.c_str(), 0, 0) == 0);
    Place::mode(place.script, 0755);
    Place::mode(place.root / "etc", 0700);
    CHECK(Place::refusal(place.script, &alice) ==
          "user alice may not enter it: " + (place.root / "etc").string());
}

TEST_CASE("a link is followed, and the file behind it is what counts") {
    Place place;
    const fs::path link = place.root / "link";
    const bool absolute = GENERATE(true, false);
    fs::create_symlink(absolute ? place.script : fs::path("etc/scripts/MASTER.sh"), link);
    CHECK(check_script(link) == place.script);
    Place::mode(place.script, 0777);
    CHECK(Place::refusal(link) == "can be written by others: " + place.script.string());
}

TEST_CASE("a link that others can replace is refused, however good the file behind it") {
    Place place;
    fs::create_directory(place.root / "open");
    fs::create_directory_symlink(place.root / "open", place.root / "way");
    fs::create_symlink(place.script, place.root / "open/link");
    CHECK(check_script(place.root / "way/link") == place.script);
    Place::mode(place.root / "open", 0777);
    CHECK(Place::refusal(place.root / "way/link") ==
          "can be written by others: " + (place.root / "open").string());
}

TEST_CASE("links in a circle end") {
    Place place;
    fs::create_symlink(place.root / "b", place.root / "a");
    fs::create_symlink(place.root / "a", place.root / "b");
    CHECK(Place::refusal(place.root / "a") == "too many symbolic links: " + (place.root / "a").string());
}

TEST_CASE("a file that the kernel cannot run is told by what to add") {
    const TemporaryDirectory directory;
    const auto verdict = [&](const std::string& text) {
        std::ofstream(directory / "up.sh") << text;
        const auto runs = backend::check_format(directory / "up.sh");
        return runs ? std::string("accepted") : runs.error();
    };
    CHECK(verdict("#!/bin/sh\necho up\n") == "accepted");
    CHECK(verdict("\x7f"
                  "ELF and so on") == "accepted");
    const std::string path = (directory / "up.sh").string();
    for (const char* text : {"echo up\n", "", "\n#!/bin/sh\n", "#"})
        CHECK(verdict(text) == "its first line does not say what runs it; add #!/bin/sh: " + path);
}
