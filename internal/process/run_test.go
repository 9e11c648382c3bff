//go:build unix

package process

import (
	"context"
	"os/exec"
	"testing"
)

// Run ends what a command leaves behind, and returns how the command ended.
func TestRun(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "sleep 600 & exit 3": 3} {
		c := exec.Command("sh", "-c", script)
		_ = Run(context.Background(), c)
		if got := c.ProcessState.ExitCode(); got != want {
			t.Errorf("%s: exit status %d", script, got)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, "sleep", "600")
	c.Cancel = func() error { return Interrupt(c) }
	cancel()
	if err := Run(ctx, c); err == nil {
		t.Error("a command whose context has ended runs to its end")
	}
	if err := Run(context.Background(), exec.Command("/no/such/program")); err == nil {
		t.Error("a program that is not there is run")
	}
}
