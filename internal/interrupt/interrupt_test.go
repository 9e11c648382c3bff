package interrupt

import (
	"context"
	"os"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// closed reports whether a channel is closed; it does not wait.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// A program that holds something ends it in order: the first signal ends its context
// alone, the second also hurries it, the third ends it.
func TestStages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		ctx, cancel := follow(context.Background(), signals)
		defer cancel()
		Hold(ctx)
		if ctx.Err() != nil || closed(Now(ctx)) || closed(Over(ctx)) {
			t.Fatal("it ends before a signal")
		}
		signals <- os.Interrupt
		<-ctx.Done()
		if closed(Now(ctx)) || closed(Over(ctx)) {
			t.Error("the first signal does not wait")
		}
		signals <- os.Interrupt
		<-Now(ctx)
		if closed(Over(ctx)) {
			t.Error("the second signal leaves no time to keep what was finished")
		}
		signals <- os.Interrupt
		<-Over(ctx)
	})
}

// A program that holds nothing ends by the first signal, though it never looks.
func TestNothingHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		ctx, cancel := follow(context.Background(), signals)
		defer cancel()
		signals <- os.Interrupt
		<-Over(ctx)
		if closed(Now(ctx)) {
			t.Error("one signal counts as two")
		}
	})
}

// A second signal ends a program that does not come to its end, without a third.
func TestLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		ctx, cancel := follow(context.Background(), signals)
		defer cancel()
		Hold(ctx)
		signals <- os.Interrupt
		signals <- os.Interrupt
		<-Over(ctx)
	})
}

// Nothing waits for a context that has no signals.
func TestOtherContext(t *testing.T) {
	ctx := context.Background()
	Hold(ctx)
	if Now(ctx) != nil || Over(ctx) != nil {
		t.Error("a context without signals has their channels")
	}
	ctx, stop := Notify(ctx)
	stop()
	stop()
	<-ctx.Done()
}
