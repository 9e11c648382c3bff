package limits

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLacking(t *testing.T) {
	if got := lacking(descriptors, threads); got != "" {
		t.Errorf("here: %s", got)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 16
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	got := lacking(16, threads)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "ulimit -n") {
		t.Errorf("with 16 descriptors in all: %q", got)
	}
	if got := lacking(descriptors, threads); got != "" {
		t.Errorf("afterwards: %s: descriptors were left open", got)
	}
}
