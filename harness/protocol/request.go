package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Stop is the request to stop after the current step, and to end with an error of
// CodeInterrupted.
const Stop = "stop"

// request is a line that may follow the job.
type request struct {
	Request string `json:"request"`
}

// WriteStop asks a worker to stop.
func WriteStop(w io.Writer) error {
	line, err := json.Marshal(request{Stop})
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("asking the worker to stop: %w", err)
	}
	return nil
}

// ReadStop waits until the parent asks the worker to stop, and returns nil then. The
// error is io.EOF once the parent is gone, or says that it sent something else.
func ReadStop(r *bufio.Reader) error {
	line, err := readLine(r)
	if err != nil {
		return err
	}
	var q request
	if err := json.Unmarshal(line, &q); err != nil || q.Request != Stop {
		return fmt.Errorf("the parent sent a line that is no request: %.80q", line)
	}
	return nil
}
