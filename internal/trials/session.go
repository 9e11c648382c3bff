package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/slowed"
)

// run runs the trials, prints each, and returns how many verdicts were certain and
// wrong.
func run(ctx context.Context, o options, random *rand.Rand) (wrong int, err error) {
	dir, err := os.MkdirTemp("", "trials")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	library, err := slowed.Build(dir)
	if err != nil {
		return 0, err
	}
	recording := slowed.Recording{Command: "go run ./internal/trials " + strings.Join(os.Args[1:], " "), Started: time.Now().UTC().Format(time.DateOnly), About: o.about}
	for i := range o.trials {
		graph, longer := o.graphs[i%len(o.graphs)], o.longer[i/len(o.graphs)%len(o.longer)]
		p, err := trial(ctx, o, graph, slowed.Env(library, longer), filepath.Join(dir, fmt.Sprintf("%d.json", i)), random.Uint64())
		if err != nil {
			return wrong, fmt.Errorf("trial %d of %s: %w", i+1, graph, err)
		}
		note := ""
		if mistaken(p.Verdict, longer) {
			wrong, note = wrong+1, "  WRONG"
		}
		fmt.Printf("%3d  %-8s truly %+5.1f %%  found %8s  %-12s  sees %s%s\n", i+1, graph, 100*longer, report.Change(p.Ratio.Median), p.Verdict, report.SeenCell(p), note)
		recording.Sessions = append(recording.Sessions, recorded(p, graph, longer))
		if err := save(o.record, recording); err != nil {
			return wrong, err
		}
	}
	fmt.Printf("%d trials, %d certain and wrong\n", o.trials, wrong)
	return wrong, nil
}

// trial compares a worker with itself, slowed by an environment, on a machine that
// is disturbed meanwhile.
func trial(ctx context.Context, o options, graph string, env map[string]string, path string, seed uint64) (compare.Pair, error) {
	disturbing, calm := context.WithCancel(ctx)
	wait := disturb(disturbing, o.disturb, seed)
	rec, err := session(ctx, o, graph, env, path)
	calm()
	wait()
	if err != nil {
		return compare.Pair{}, err
	}
	c, err := compare.Records(rec, rec, compare.Options{})
	if err != nil {
		return compare.Pair{}, err
	}
	return c.Pairs[0], nil
}

// session runs one comparison. A verdict that does not pass is none of its errors.
func session(ctx context.Context, o options, graph string, env map[string]string, path string) (*record.Record, error) {
	args := []string{"ab", graph, "--worker", o.worker, "--launches", strconv.Itoa(o.launches), "--db", "none", "--json", path}
	for key, value := range env {
		args = append(args, "--b", "env."+key+"="+value)
	}
	c := exec.CommandContext(ctx, o.program, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	said, err := c.CombinedOutput()
	if ended := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &ended) && (ended.ExitCode() == 3 || ended.ExitCode() == 4)) {
		return nil, fmt.Errorf("%s %s: %w\n%s", o.program, strings.Join(args, " "), err, said)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return record.Read(f)
}

// mistaken reports whether a verdict is certain and wrong.
func mistaken(v compare.Verdict, longer float64) bool {
	switch v {
	case compare.Faster:
		return true
	case compare.Slower:
		return longer == 0
	case compare.Same:
		return longer > compare.DefaultThreshold
	}
	return false
}

// recorded are the launches of the blocks that hold both sides.
func recorded(p compare.Pair, graph string, longer float64) slowed.Session {
	bases := map[int]float64{}
	for _, v := range stats.LaunchValues(p.Base, false) {
		bases[v.Block] = v.Seconds
	}
	out := slowed.Session{Graph: graph, Longer: longer}
	for _, v := range stats.LaunchValues(p.New, false) {
		if base, ok := bases[v.Block]; ok {
			out.Base, out.New = append(out.Base, base), append(out.New, v.Seconds)
		}
	}
	return out
}

func save(path string, r slowed.Recording) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := r.Write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
