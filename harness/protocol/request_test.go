package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestStop(t *testing.T) {
	var b bytes.Buffer
	if err := errors.Join(WriteJob(&b, Job{Kind: Train}), WriteStop(&b)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(&b)
	if _, err := ReadJob(r); err != nil {
		t.Fatal(err)
	}
	if err := ReadStop(r); err != nil {
		t.Errorf("a request to stop is read as %v", err)
	}
	if err := ReadStop(r); !errors.Is(err, io.EOF) {
		t.Errorf("the end of stdin is read as %v", err)
	}
}

// What is no request is not taken for one, nor for the parent's end.
func TestNoStop(t *testing.T) {
	for _, line := range []string{"\n", "stop\n", "{}\n", `{"request":"go"}` + "\n", `{"request":"stop"}`} {
		err := ReadStop(bufio.NewReader(strings.NewReader(line)))
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q is read with %v", line, err)
		}
	}
}
