package scripted

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/transfer"
)

func (w *worker) far(list string) error {
	h := greeting()
	h.Elsewhere = true
	if version, host, ok := strings.Cut(list, " "); ok {
		h.TensorFlow, h.Machine.Hostname = version, host
	}
	return w.send(protocol.Event{Event: protocol.EventHello, Hello: h})
}

// offered keeps what it lacks in a folder that is removed again. The job is about files
// that the script can see where the parent has them.
func (w *worker) offered(lacks string) error {
	if !w.job.Kind.ReadsFiles() {
		return nil
	}
	folder, err := os.MkdirTemp("", "scripted-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	store := &transfer.Store{Folder: folder}
	got := &protocol.Received{}
	for more := true; more; {
		parcels, further, stop, err := protocol.ReadFiles(w.in)
		if err != nil || stop {
			return err
		}
		lacking := []int{}
		for i := range parcels {
			if lacks == "all" {
				lacking = append(lacking, i)
			}
		}
		if err := w.send(protocol.Event{Event: protocol.EventWant, Want: &protocol.Want{Parcels: lacking}}); err != nil {
			return err
		}
		for _, i := range lacking {
			parcels[i].Fixed = false
			where, err := store.Receive(w.in, parcels[i])
			if err != nil {
				return err
			}
			if here, err := transfer.Describe(context.Background(), where, nil); err != nil || here.SHA256 != parcels[i].SHA256 {
				return fmt.Errorf("%s arrived as %+v, %w", parcels[i].Path, here, err)
			}
			got.Bytes += parcels[i].Bytes
		}
		more = further
	}
	return w.send(protocol.Event{Event: protocol.EventReceived, Received: got})
}

func (w *worker) want(list string) error {
	want := &protocol.Want{Parcels: []int{}}
	for _, word := range strings.Fields(list) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		want.Parcels = append(want.Parcels, n)
	}
	return w.send(protocol.Event{Event: protocol.EventWant, Want: want})
}
