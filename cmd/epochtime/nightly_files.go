package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"epochtime/harness/changes"
	"epochtime/harness/nightly"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/report/formats"
	"epochtime/harness/store"
	"epochtime/internal/atomicfile"
)

// nightFiles are the files of a night's report, in a folder of its own. The link
// latest points at it from the beginning: it never shows an older night as tonight's.
type nightFiles struct{ folder string }

func newNightFiles(dir string, n *nightly.Night) (*nightFiles, error) {
	f, err := makeNightFiles(dir, n)
	if err != nil { // then no report is better than an older one
		_ = os.Remove(filepath.Join(dir, latest)) // it may not be there
	}
	return f, err
}

// latest is the link to the newest report.
const latest = "latest"

func makeNightFiles(dir string, n *nightly.Night) (*nightFiles, error) {
	reports := filepath.Join(dir, "reports")
	if err := os.MkdirAll(reports, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the reports: %w", err)
	}
	stamp := n.Started.UTC().Format("2006-01-02T150405Z")
	f := &nightFiles{filepath.Join(reports, stamp)}
	err := os.Mkdir(f.folder, 0o755)
	for i := 2; errors.Is(err, fs.ErrExist); i++ {
		f.folder = filepath.Join(reports, fmt.Sprintf("%s-%d", stamp, i))
		err = os.Mkdir(f.folder, 0o755)
	}
	if err == nil {
		err = f.write(n)
	}
	if err == nil {
		err = relink(filepath.Join(dir, latest), filepath.Join("reports", filepath.Base(f.folder)))
	}
	if err != nil {
		return nil, fmt.Errorf("making the report of this night: %w", err)
	}
	return f, nil
}

// relink replaces a symbolic link whole.
func relink(path, target string) error {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func (f *nightFiles) path(name string) string { return filepath.Join(f.folder, name) }

// saveRecord writes the record of a session.
func (f *nightFiles) saveRecord(name string, r *record.Record) error {
	path := f.path(filepath.FromSlash(name) + ".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the folder of a graph's records: %w", err)
	}
	return atomicfile.Write(path, func(to *os.File) error { return r.Write(to) })
}

// write writes the reports: for people, for CI servers and for Prometheus.
func (f *nightFiles) write(n *nightly.Night) error {
	junit, err := formats.NightJUnit(n)
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"report.md": formats.NightMarkdown(n), "nightly.xml": junit, "nightly.prom": formats.NightMetrics(n),
	} {
		if err := atomicfile.WriteFile(f.path(name), text); err != nil {
			return fmt.Errorf("writing the report of this night: %w", err)
		}
	}
	return nil
}

// keeper returns what keeps a session's record in the history.
func (f *nightlyFlags) keeper(s streams) func(*record.Record) {
	return func(r *record.Record) { f.history.keep(s.err, r) }
}

// addHistory adds the changes that the history shows of a night's graphs.
func (f *nightlyFlags) addHistory(n *nightly.Night, names []string) {
	db, err := f.history.open()
	switch {
	case err != nil:
		n.Notes = append(n.Notes, fmt.Sprintf("The history was not looked at: %v", err))
		return
	case db == nil:
		return
	}
	defer db.Close()
	for _, name := range names {
		trend, err := db.Trend(store.Filter{Graph: name})
		if err != nil {
			n.Notes = append(n.Notes, fmt.Sprintf("The history of %s was not looked at: %v", name, err))
			continue
		}
		if len(trend.Points) <= changes.Default.Learn { // nothing can be found yet
			continue
		}
		for _, line := range report.TrendChanges(trend, changes.Find(trend.Seconds(), changes.Options{})) {
			n.Notes = append(n.Notes, fmt.Sprintf("History of %s, %d sessions: %s", name, len(trend.Points), line))
		}
	}
}
