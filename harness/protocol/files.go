package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Parcel is a file or folder that a job reads. It travels to a worker that has it neither
// at its path nor from an earlier job.
type Parcel struct {
	Path   string `json:"path"`            // absolute, on the parent's machine
	Of     string `json:"of,omitempty"`    // the source of data in the job that stands for it; empty: it is none
	Name   string `json:"name,omitempty"`  // of that source, before its path
	SHA256 string `json:"sha256"`          // of its content, as package transfer defines it
	Bytes  int64  `json:"bytes"`           // of all its files
	Fixed  bool   `json:"fixed,omitempty"` // a graph reads it at this very path
}

// SameFile reports whether two parcels have one path and content.
func (p Parcel) SameFile(other Parcel) bool { return p.Path == other.Path && p.SHA256 == other.SHA256 }

// Want says which parcels of an offer a worker lacks, in the order in which it takes them.
type Want struct {
	Parcels []int `json:"parcels"` // positions in the offer, from 0
}

// Received says what came to a worker, after all that it lacked did.
type Received struct {
	Bytes   int64   `json:"bytes"`   // of the files that were sent
	Seconds float64 `json:"seconds"` // since hello
}

// ReadsFiles reports whether jobs of this kind read a graph, and with it other files.
func (k Kind) ReadsFiles() bool {
	return slices.Contains([]Kind{Train, Parity, Trace, Examples}, k)
}

// Files offers a worker elsewhere parcels that its job reads. It answers each offer with
// the event want, after which those that it lacks follow in that order.
const Files = "files"

// MostParcels is how many parcels one offer may have: a line has its longest length.
const MostParcels = 500

// Fitting returns how many of the first parcels one offer has room for: at least one, if
// there is any.
func Fitting(parcels []Parcel) int {
	const around = 200 // bytes of a parcel beside its texts
	n, room := 0, MaxLine/2
	for n < min(len(parcels), MostParcels) && (n == 0 || room > 0) {
		p := parcels[n]
		room -= 6*(len(p.Path)+len(p.Of)+len(p.Name)) + around // JSON may escape each byte
		n++
	}
	return n
}

// WriteFiles offers parcels; more says that another offer follows.
func WriteFiles(w io.Writer, parcels []Parcel, more bool) error {
	line, err := json.Marshal(request{Request: Files, Parcels: parcels, More: more})
	if err == nil && len(line) >= MaxLine {
		err = fmt.Errorf("the names of %d files are too long", len(parcels))
	}
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("offering files to the worker: %w", err)
	}
	return nil
}

// ReadFiles reads an offer. stop means that the parent asked the worker to stop instead.
// The error is io.EOF once the parent is gone, or says that it sent something else.
func ReadFiles(r *bufio.Reader) (parcels []Parcel, more, stop bool, err error) {
	q, err := readRequest(r)
	switch {
	case err != nil:
		return nil, false, false, err
	case q.Request == Stop:
		return nil, false, true, nil
	case q.Request != Files:
		return nil, false, false, fmt.Errorf("the parent sent the request %.80q where it offers files", q.Request)
	}
	return q.Parcels, q.More, false, nil
}
