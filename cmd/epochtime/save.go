package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"al.essio.dev/pkg/shellescape"

	"epochtime/harness/record"
	"epochtime/internal/atomicfile"
	"epochtime/internal/output"
)

// saver writes a record: to a file after every launch, or to a stream once, at the
// end. It alone writes to the file until it is closed.
type saver struct {
	to     output.Target
	unlock func()
	saved  int   // launches in the file
	failed error // of the last save or finish
}

// newSaver returns the saver for a file that a flag names. The caller closes it.
func newSaver(flag, path string, stdout io.Writer) (*saver, error) {
	s := &saver{unlock: func() {}}
	var err error
	if s.to, err = openRecord(flag, path, stdout); err != nil || !s.to.IsFile() {
		return s, err
	}
	unlock, err := s.to.Lock()
	if err != nil {
		return s, fmt.Errorf("%s %w", flag, err)
	}
	s.unlock = unlock
	return s, nil
}

// close lets others write to the file.
func (s *saver) close() {
	if s != nil {
		s.unlock()
	}
}

// save writes the record if its target is a file.
func (s *saver) save(rec *record.Record) error {
	if !s.to.IsFile() {
		return nil
	}
	if s.failed = s.to.Fill(rec.Write); s.failed == nil {
		s.saved = launchesOf(rec)
	}
	return s.failed
}

// finish writes the record if its target is a stream.
func (s *saver) finish(rec *record.Record) error {
	if s.to.IsFile() {
		return nil
	}
	s.failed = s.to.Fill(rec.Write)
	return s.failed
}

// tellWhere says, where the record could not be written, what of it is where. kept
// means that the history has it; without that, it is written to another folder.
func (s *saver) tellWhere(notices io.Writer, rec *record.Record, kept bool) {
	measured := launchesOf(rec)
	if s.failed == nil || measured == 0 || kept && errors.Is(s.failed, syscall.EPIPE) {
		return
	}
	held := ""
	if s.to.IsFile() {
		held = fmt.Sprintf("%s has %d of %d launches; ", s.to, s.saved, measured)
	}
	if kept {
		fmt.Fprintf(notices, "notice: %sthe whole record is in the history: @%s\n", held, rec.ID)
		return
	}
	if path, err := rescue(rec); err != nil {
		fmt.Fprintf(notices, "warning: %sthe whole record could be saved nowhere: %v\n", held, err)
	} else {
		fmt.Fprintf(notices, "notice: %sthe whole record is in %s\n", held, path)
	}
}

// rescue writes a record to the temporary folder or that of caches, and returns its
// file.
func rescue(rec *record.Record) (string, error) {
	var failed []error
	for _, folder := range []func() (string, error){func() (string, error) { return os.TempDir(), nil }, os.UserCacheDir} {
		dir, err := folder()
		path := filepath.Join(dir, "epochtime-"+rec.ID+".json")
		if err == nil {
			err = atomicfile.Write(path, func(f *os.File) error { return rec.Write(f) })
		}
		if err == nil {
			return path, nil
		}
		failed = append(failed, err)
	}
	return "", fmt.Errorf("%w; %w", failed[0], failed[1])
}

func launchesOf(rec *record.Record) int {
	n := 0
	for _, run := range rec.Runs {
		n += len(run.Launches)
	}
	return n
}

// checkOverwriting refuses to write a new record over a file that holds what cannot
// be measured again with the same command: an interrupted session, or no record.
func checkOverwriting(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--json %s: reading what it holds: %w", path, err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	switch first, err := in.Peek(1); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("--json %s: reading what it holds: %w", path, err)
	case first[0] != '{': // it may be large
		return usagef("--json %s holds something else than a record: name another file, or use --force to replace it", path)
	}
	rec, err := record.Read(in)
	if err != nil {
		return usagef("--json %s holds something else than a record (%w): name another file, or use --force to replace it", path, err)
	}
	if n := finished(rec); n > 0 && rec.Status == record.Incomplete {
		return usagef("--json %s holds %s of a session that was not finished: 'epochtime %s --resume %s' continues it, --force replaces it",
			path, counted(n, "launch", "launches"), rec.Plan.Kind, shellescape.Quote(path))
	}
	return nil
}

// finished counts the launches that worked.
func finished(rec *record.Record) int {
	n := 0
	for _, run := range rec.Runs {
		for _, l := range run.Launches {
			if l.Status == record.OK {
				n++
			}
		}
	}
	return n
}

// counted is a number with what it counts.
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// absolute returns an absolute path, or path itself if there is no working directory.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return whole
}
