// Command epochtime measures how long each epoch of training takes for a Keras model,
// on this machine, with these settings.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"epochtime/internal/interrupt"
	_ "epochtime/internal/limits"
	"epochtime/internal/process"
)

// began is when the program did: before its packages were initialized.
var began = time.Now().Add(-process.Age())

func main() { os.Exit(run()) }

// run runs the verb of the command line, and returns the exit code: also where a
// signal comes while the verb waits for something that may never come.
func run() int {
	ctx, stop := interrupt.Notify(context.Background())
	defer stop()
	catchClosedPipe()
	process.CatchFileLimit()
	out := &stdout{file: os.Stdout}
	s := newStreams(os.Stdin, out, os.Stderr)
	done := make(chan error, 1)
	go func() { done <- execute(ctx, newRoot(s)) }()
	select {
	case err := <-done:
		defer s.flush() //nolint:errcheck // what is left is no character
		return exitCode(s.err, out.outcome(err))
	case <-interrupt.Over(ctx): // the verb may still use the streams
		return exitCode(s.err.Stream(), context.Canceled)
	}
}

// execute runs the verb of the command line. A panic is an error: Go would end the
// program with the exit code of wrong use.
func execute(ctx context.Context, cmd *cobra.Command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error, please report it: %v\n%s", p, debug.Stack())
		}
	}()
	return cmd.ExecuteContext(ctx)
}
