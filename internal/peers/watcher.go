//go:build linux

package main

import (
	"fmt"
	"io"
	"time"

	"epochtime/harness/measure"
	"epochtime/internal/harmless"
)

// watcher tells how far a session is, in a line for each launch.
type watcher struct {
	measure.Unwatched
	out  io.Writer
	work string
}

// Launching implements measure.Watcher.
func (w *watcher) Launching(p measure.Progress) {
	left := ""
	if p.LeftKnown {
		left = fmt.Sprintf(", %v left", p.Left.Round(time.Second))
	}
	fmt.Fprintf(w.out, "%s: launch %d of %d, %s%s\n", w.work, p.Launch, p.Launches, p.Title, left)
}

// Notice implements measure.Watcher.
func (w *watcher) Notice(kind measure.NoticeKind, text string) {
	fmt.Fprintf(w.out, "%s: %s: %s\n", w.work, kind, harmless.Text(harmless.OneLine(text)))
}
