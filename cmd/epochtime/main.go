// Command epochtime measures how long each epoch of training takes for a Keras model,
// on this machine, with these settings.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	_ "epochtime/internal/limits"
	"epochtime/internal/process"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // a second Ctrl-C ends the program at once
		<-ctx.Done()
		stop()
	}()
	catchClosedPipe()
	process.CatchFileLimit()
	out := &stdout{file: os.Stdout}
	s := newStreams(os.Stdin, out, os.Stderr)
	defer s.flush() //nolint:errcheck // what is left is no character
	return exitCode(s.err, out.outcome(execute(ctx, newRoot(s))))
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
