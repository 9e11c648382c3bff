package dataset

import (
	"errors"
	"io"
	"runtime"
)

// ordered hands the jobs of next, which ends with io.EOF, to several goroutines,
// and their results to take in the jobs' order. Only few jobs are under way at a
// time, so memory stays bounded. All goroutines are gone when it returns.
func ordered[J, R any](next func() (J, error), work func(J) (R, error), take func(R) error) error {
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
		if failed = got.err; failed == nil {
			failed = take(got.value)
		}
		if failed != nil {
			close(stop)
		}
	}
	return failed
}
