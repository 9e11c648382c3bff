// Command compare measures two batch sizes of an exported graph in one session,
// and prints the verdict. Each launch is a process of epochtime-worker. With -record
// it saves the record after each launch, and resumes it if the file exists. It is the
// second example of docs/library.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/signal"

	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

func main() {
	log.SetFlags(0)
	graphs := flag.String("graphs", "graphs", "`folder` of exported graphs")
	launches := flag.Int("launches", 10, "`number` of launches per side")
	file := flag.String("record", "", "`file` of the record (default: it is not saved)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *graphs, *launches, *file); err != nil {
		log.Fatal("compare: ", err)
	}
}

func run(ctx context.Context, graphs string, launches int, file string) error {
	session, err := open(graphs, launches, file)
	if err != nil {
		return err
	}
	if err := session.Measure(ctx); err != nil {
		return err
	}
	report.Record(os.Stdout, session.Record(), report.Options{})
	if err := session.CheckResults(0, 1); err != nil {
		return err
	}
	for _, r := range session.Record().Runs {
		fmt.Printf("side %s: %.6f s per epoch\n", r.Side, r.Summary.EpochSeconds.Median)
	}
	fmt.Println("B is", session.Verdict())
	return nil
}

// open returns a new session, or the one whose record is in file.
func open(graphs string, launches int, file string) (*measure.Session, error) {
	o := measure.Options{Launches: launches, Watcher: watcher{}}
	if file == "" {
		return start(graphs, o)
	}
	o.Save = func(rec *record.Record) error { return save(rec, file) }
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return start(graphs, o)
	}
	return resume(file, o)
}

// start returns a session that compares the batch sizes 50 and 100.
func start(graphs string, o measure.Options) (*measure.Session, error) {
	g, err := graph.Find(graphs, "linear")
	if err != nil {
		return nil, err
	}
	a, err := configure(g, 50)
	if err != nil {
		return nil, err
	}
	b, err := configure(g, 100)
	if err != nil {
		return nil, err
	}
	return measure.NewAB(a, b, o)
}

func configure(g *graph.Manifest, batch int) (measure.Configuration, error) {
	c := measure.Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Batch = batch
	return measure.Configure(c)
}

// save replaces file with the record. A program that is killed meanwhile leaves the
// old file whole.
func save(rec *record.Record, file string) error {
	f, err := os.Create(file + ".new")
	if err != nil {
		return err
	}
	if err := errors.Join(rec.Write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// resume returns the session of the record in file.
func resume(file string, o measure.Options) (*measure.Session, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return measure.Resume(rec, o)
}

// watcher prints to stderr what a session does. It does not print epochs: one of a
// small model takes less time than a line on a terminal.
type watcher struct{ measure.Unwatched }

func (watcher) Checking(graph string) { log.Printf("comparing %s with Keras", graph) }

func (watcher) Launching(p measure.Progress) {
	log.Printf("launch %d of %d: %s, batch %d", p.Launch, p.Launches, p.Title, p.Config.Batch)
}

func (watcher) Notice(kind measure.NoticeKind, s string) { log.Printf("%s: %s", kind, s) }
