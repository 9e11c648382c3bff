package dataset

import (
	"context"
	"errors"
	"io"
	"runtime"
)

// inOrder hands the jobs of next, which ends with io.EOF, to several goroutines,
// and their results to take in the order of the jobs. It keeps few jobs under way,
// which bounds memory. When it returns, all goroutines have ended.
func inOrder[J, R any](ctx context.Context, next func() (J, error), work func(J) (R, error), take func(R) error) error {
	type result struct {
		value R
		err   error
	}
	queue := make(chan chan result, runtime.GOMAXPROCS(0))
	stop := make(chan struct{})
	go func() {
		defer close(queue)
		for {
			job, err := next()
			if errors.Is(err, io.EOF) {
				return
			}
			slot := make(chan result, 1)
			select {
			case queue <- slot:
			case <-stop:
				return
			}
			if err != nil {
				slot <- result{err: err}
				return
			}
			go func() {
				value, err := work(job)
				slot <- result{value, err}
			}()
		}
	}()
	var failed error
	for slot := range queue {
		got := <-slot
		if failed != nil {
			continue
		}
		switch {
		case ctx.Err() != nil:
			failed = ctx.Err()
		case got.err != nil:
			failed = got.err
		default:
			failed = take(got.value)
		}
		if failed != nil {
			close(stop)
		}
	}
	return failed
}
