package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A panic is an error, not wrong use.
func TestPanic(t *testing.T) {
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { panic("odd") }, SilenceErrors: true, SilenceUsage: true}
	cmd.SetArgs([]string{})
	cmd.SetOut(io.Discard)
	var said strings.Builder
	if code := exitCode(&said, execute(context.Background(), cmd)); code != exitError || !strings.HasPrefix(said.String(), "epochtime: internal error, please report it: odd\n") {
		t.Errorf("exit code %d: %s", code, &said)
	}
}
