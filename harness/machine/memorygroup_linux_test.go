package machine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func TestGroupResident(t *testing.T) {
	page := uint64(os.Getpagesize())
	root := t.TempDir()
	stat := func(pid, name, group, pages string) string {
		return pid + " (" + name + ") S 1 " + group + " 7 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 1 0 100 5000 " + pages + " 18446744073709551615 1 1\n"
	}
	for pid, text := range map[string]string{
		"11": stat("11", "worker", "11", "100"), "12": stat("12", "a ) S 9 9 (child", "11", "20"),
		"13": stat("13", "other", "13", "7"), "14": "14 (cut", "15": "",
	} {
		write(t, filepath.Join(root, pid, "stat"), text)
	}
	for pid, text := range map[string]string{"11": "900 150 50 1 0 80 0\n", "12": "900 25 5 1 0 80 0\n", "13": "9 7 0 1 0 8 0\n"} {
		write(t, filepath.Join(root, pid, "statm"), text)
	}
	if got, ok := groupResident(root, 11); !ok || got != 120*page {
		t.Errorf("the group of 11 holds %d bytes, %v; want %d pages", got, ok, 120)
	}
	if got, ok := groupResident(root, 99); ok {
		t.Errorf("a group that is not there holds %d bytes", got)
	}
	if got, ok := GroupResident(os.Getpid()); ok && got < 1<<20 { // this process may lead no group
		t.Errorf("this test holds %d bytes", got)
	}
}

// A group is made where the kernel's files take a limit, version 1 or 2, and what
// cannot be used is not left behind.
func TestNewMemoryGroup(t *testing.T) {
	for _, c := range []struct{ name, cgroup, dir string }{
		{"version 1", "4:memory:/own\n", "sys/fs/cgroup/memory"},
		{"version 2", "0::/own\n", "sys/fs/cgroup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "proc/self/cgroup"), c.cgroup)
			if err := os.MkdirAll(filepath.Join(root, c.dir, "own"), 0o755); err != nil {
				t.Fatal(err)
			}
			// A plain folder has no memory.max, as a group without the controller has none.
			if g, err := newMemoryGroup(root, 1<<30); err == nil {
				t.Errorf("%s takes a limit, and has no file for it", g.dir)
			}
			left, err := filepath.Glob(filepath.Join(root, c.dir, "own", "*"))
			if err != nil || len(left) > 0 {
				t.Errorf("%v were left behind, %v", left, err)
			}
		})
	}
	if g, err := newMemoryGroup(t.TempDir(), 1<<30); err == nil {
		t.Errorf("%s is made where there are no control groups", g.dir)
	}
}

func TestSetLimit(t *testing.T) {
	for limit, others := range map[string][]string{"memory.max": {"memory.swap.max"}, "memory.limit_in_bytes": {"memory.memsw.limit_in_bytes"}} {
		dir := t.TempDir()
		for _, name := range append(others, limit, "cgroup.procs") {
			write(t, filepath.Join(dir, name), "")
		}
		g := &MemoryGroup{dir}
		if err := setLimit(dir, 1<<30); err != nil {
			t.Error(err)
		}
		if err := g.Add(4711); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]string{limit: strconv.Itoa(1 << 30), "cgroup.procs": "4711"} {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
				t.Errorf("%s holds %q, %v; want %s", name, got, err, want)
			}
		}
	}
	if err := (&MemoryGroup{t.TempDir()}).Add(1); err == nil {
		t.Error("a process was added to what is no group")
	}
}

// Kill ends all processes of a group, whatever process group they are in.
func TestKillGroup(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command("sleep", "600")
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cgroup.procs"), strconv.Itoa(c.Process.Pid)+"\n")
	if err := (&MemoryGroup{dir}).Kill(); err != nil { // version 1
		t.Error(err)
	}
	if err := c.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	write(t, filepath.Join(dir, "cgroup.procs"), "")
	write(t, filepath.Join(dir, "cgroup.kill"), "")
	if err := (&MemoryGroup{dir}).Kill(); err != nil { // version 2
		t.Error(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "cgroup.kill")); err != nil || string(got) != "1" {
		t.Errorf("cgroup.kill holds %q, %v", got, err)
	}
	if err := (&MemoryGroup{filepath.Join(dir, "none")}).Kill(); err == nil {
		t.Error("the processes of no group are killed")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
