package process

import (
	"os"
	"runtime"
	"testing"
)

func TestDescends(t *testing.T) {
	if !Descends(os.Getppid()) {
		t.Error("it does not descend from what started it")
	}
	if Descends(os.Getpid()) {
		t.Error("it descends from itself")
	}
	if runtime.GOOS != "linux" {
		return
	}
	if grand := parentOf(os.Getppid()); grand > 0 && !Descends(grand) {
		t.Errorf("it does not descend from %d, which started what started it", grand)
	}
	if first := Boot(); first == "" || Boot() != first {
		t.Errorf("the boot is %q", Boot())
	}
}
