//go:build linux

// Command manyworkers finds what a fleet of many machines costs the program that measures
// it: memory, time, the size of the record and the time of a save, for several numbers of
// scripted workers. It runs the shipped program, kills it in the middle of the largest
// fleet, continues, and counts what was lost. docs/remote.md has its table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"epochtime/harness/record"
	"epochtime/internal/atomicfile"
	"epochtime/internal/scripted"
	"epochtime/internal/testgraph"
)

func main() {
	if scripted.Played() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "manyworkers:", err)
		os.Exit(1)
	}
}

// campaign is what is tried.
type campaign struct {
	program  string
	folder   string // of lists, scripts and records
	launches int
	epochs   int
}

func run(ctx context.Context) error {
	var c campaign
	var sizes string
	flag.StringVar(&c.program, "epochtime", "bin/epochtime", "the program that is tried, a `FILE`")
	flag.StringVar(&sizes, "machines", "10,100,1000", "numbers of machines, a `LIST`")
	flag.IntVar(&c.launches, "launches", 6, "`N` launches on each machine")
	flag.IntVar(&c.epochs, "epochs", 20, "`N` epochs in each launch")
	flag.Parse()
	var err error
	if c.program, err = filepath.Abs(c.program); err != nil {
		return err
	}
	if c.folder, err = os.MkdirTemp("", "manyworkers-"); err != nil {
		return err
	}
	defer os.RemoveAll(c.folder)
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(c.folder, scripted.Name))
	}
	if err != nil {
		return err
	}
	if err := testgraph.Write(filepath.Join(c.folder, "graphs", "cnn")); err != nil {
		return err
	}
	fmt.Printf("| machines | launches | wall time | largest memory | record | a save |\n|---|---|---|---|---|---|\n")
	last := 0
	for word := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("-machines: %q is no number of machines", word)
		}
		if err := c.size(ctx, n); err != nil {
			return err
		}
		last = n
	}
	return c.killed(ctx, last)
}

// size measures a fleet of n machines, and prints a row.
func (c campaign) size(ctx context.Context, n int) error {
	args, out, err := c.list(n)
	if err != nil {
		return err
	}
	began := time.Now()
	cmd, err := c.start(ctx, args...)
	if err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("a fleet of %d machines: %w", n, err)
	}
	took := time.Since(began)
	rec, size, err := read(out)
	if err != nil {
		return err
	}
	if got := worked(rec); len(got) != n*c.launches {
		return fmt.Errorf("a fleet of %d machines: %d launches worked, want %d", n, len(got), n*c.launches)
	}
	save, err := saving(rec, filepath.Join(c.folder, "again.json"))
	if err != nil {
		return err
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss // KiB, of the program and its largest worker
	fmt.Printf("| %d | %d | %.1f s | %.0f MB | %.1f MB | %.2f s |\n", n, n*c.launches, took.Seconds(), float64(peak)*1024/1e6, float64(size)/1e6, save.Seconds())
	return nil
}

// list writes the list of n machines, each with a script of its own, and returns the
// arguments that measure it, and its record.
func (c campaign) list(n int) (args []string, out string, err error) {
	var text strings.Builder
	for i := range n {
		script := filepath.Join(c.folder, fmt.Sprintf("%d.txt", i))
		play := fmt.Sprintf("job\nfar 2.21.0 host-%d\noffered\nswift\n[parity]\nparity\n[train]\nsleep %dms\ntrain 1e-6\n[any]\ndone\n", i, 100+i%400)
		if err := os.WriteFile(script, []byte(play), 0o644); err != nil {
			return nil, "", err
		}
		fmt.Fprintf(&text, "[[machine]]\nname = \"machine-%d\"\nworker = \"%s %s\"\n\n", i, filepath.Join(c.folder, scripted.Name), script)
	}
	machines := filepath.Join(c.folder, fmt.Sprintf("%d.toml", n))
	out = filepath.Join(c.folder, fmt.Sprintf("%d.json", n))
	args = []string{"fleet", machines, "cnn", "--launches", strconv.Itoa(c.launches), "--epochs", strconv.Itoa(c.epochs), "--json", out, "--force", "--verify-parity"}
	return args, out, os.WriteFile(machines, []byte(text.String()), 0o644)
}

// start starts the program.
func (c campaign) start(ctx context.Context, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, c.program, args...)
	cmd.Dir = c.folder
	cmd.Env = append(os.Environ(), "EPOCHTIME_DB=none", "XDG_CACHE_HOME="+filepath.Join(c.folder, "cache"))
	cmd.Stderr = os.Stderr
	return cmd, cmd.Start()
}

// killed kills the program in the middle of a fleet, continues, and counts the launches
// that were saved before and are not in the end, and those that are missing.
func (c campaign) killed(ctx context.Context, n int) error {
	args, out, err := c.list(n)
	if err != nil {
		return err
	}
	if err := os.Remove(out); err != nil {
		return err
	}
	cmd, err := c.start(ctx, args...)
	if err != nil {
		return err
	}
	var before []string
	for len(before) < n*c.launches/2 && ctx.Err() == nil {
		time.Sleep(100 * time.Millisecond)
		if rec, _, err := read(out); err == nil {
			before = worked(rec)
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	rec, _, err := read(out)
	if err != nil {
		return fmt.Errorf("after the kill: %w", err)
	}
	before = worked(rec)
	if cmd, err = c.start(ctx, "fleet", "--resume", out); err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("continuing: %w", err)
	}
	if rec, _, err = read(out); err != nil {
		return err
	}
	after := map[string]bool{}
	for _, launch := range worked(rec) {
		after[launch] = true
	}
	lost := 0
	for _, launch := range before {
		if !after[launch] {
			lost++
		}
	}
	fmt.Printf("\nKilled with %d of %d launches saved, and continued: %d launches, %d of those saved were lost.\n", len(before), n*c.launches, len(after), lost)
	if lost > 0 || len(after) != n*c.launches || rec.Status != record.Complete {
		return errors.New("launches were lost")
	}
	return nil
}

// read returns a record, and the size of its file in bytes.
func read(path string) (*record.Record, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	rec, err := record.Read(f)
	return rec, info.Size(), err
}

// worked names the launches that worked: by machine and when they began.
func worked(rec *record.Record) []string {
	var out []string
	for _, r := range rec.Runs {
		for _, l := range r.Launches {
			if l.Status == record.OK {
				out = append(out, r.On+" "+l.Started.Format(time.RFC3339Nano))
			}
		}
	}
	return out
}

// saving returns how long it takes to write a record as the program does.
func saving(rec *record.Record, path string) (time.Duration, error) {
	began := time.Now()
	err := atomicfile.Write(path, func(f *os.File) error { return rec.Write(f) })
	return time.Since(began), err
}
