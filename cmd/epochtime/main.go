// Command epochtime measures how long each epoch of training takes for a Keras model,
// on this machine, with these settings.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // a second Ctrl-C ends the program at once
		<-ctx.Done()
		stop()
	}()
	keepOnSignals()
	out := &stdout{file: os.Stdout}
	s := newStreams(os.Stdin, out, os.Stderr)
	defer s.flush() //nolint:errcheck // what is left is no character
	return exitCode(s.err, out.outcome(newRoot(s).ExecuteContext(ctx)))
}
