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
	Request string   `json:"request"`
	Parcels []Parcel `json:"parcels,omitempty"` // of Files
	More    bool     `json:"more,omitempty"`    // of Files
}

// WriteStop asks a worker to stop.
func WriteStop(w io.Writer) error {
	line, err := json.Marshal(request{Request: Stop})
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
	q, err := readRequest(r)
	if err == nil && q.Request != Stop {
		err = fmt.Errorf("the parent sent the request %.80q where none but %q can come", q.Request, Stop)
	}
	return err
}

func readRequest(r *bufio.Reader) (request, error) {
	var q request
	line, err := readLine(r)
	if err != nil {
		return q, err
	}
	if err := json.Unmarshal(line, &q); err != nil || q.Request == "" {
		return q, fmt.Errorf("the parent sent a line that is no request: %.80q", line)
	}
	return q, nil
}
