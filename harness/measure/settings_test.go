package measure

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// The data of a graph is read once for all of its configurations.
func TestDataIsVerifiedOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "own.npz")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	g := &graph.Manifest{Name: "own", Dir: dir, Data: graph.Data{Kind: "file", Path: "own.npz", SHA256: hex.EncodeToString(sum[:])}}
	checks := dataChecks{}
	for range 2 {
		if _, err := checks.resolve(g, setting.Defaults()); err != nil {
			t.Error(err)
		}
		_ = os.Remove(path)
	}
	if _, err := Resolve(g, setting.Defaults()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the data: %v", err)
	}
}

// What the script of a model sets for its fit and its process is a default: what is
// said wins.
func TestScriptDefaults(t *testing.T) {
	plain := makeGraph(t, "plain")
	g := makeGraph(t, "script", `settings.shuffle=true`, `process={"intra_op":2,"inter_op":3,"env":{"TF_ENABLE_ONEDNN_OPTS":"0","XLA_FLAGS":"a"}}`)
	for name, c := range map[string]struct {
		graph   *graph.Manifest
		said    []string
		want    string
		command string
	}{
		"no script":    {plain, nil, "shuffle no, intra 0, inter 0, env map[]", ""},
		"nothing said": {g, nil, "shuffle yes, intra 2, inter 3, env map[TF_ENABLE_ONEDNN_OPTS:0 XLA_FLAGS:a]", ""},
		"no shuffling": {g, []string{"shuffle=no"}, "shuffle no, intra 2, inter 3, env map[TF_ENABLE_ONEDNN_OPTS:0 XLA_FLAGS:a]", "--shuffle=no"},
		"threads":      {g, []string{"intra-op=1", "inter-op=default"}, "shuffle yes, intra 1, inter 0, env map[TF_ENABLE_ONEDNN_OPTS:0 XLA_FLAGS:a]", "--intra-op=1 --inter-op=default"},
		"a variable":   {g, []string{"env.XLA_FLAGS=b", "env.C=d"}, "shuffle yes, intra 2, inter 3, env map[C:d TF_ENABLE_ONEDNN_OPTS:0 XLA_FLAGS:b]", "--env=C=d --env=XLA_FLAGS=b"},
		"shuffling":    {plain, []string{"shuffle=yes"}, "shuffle yes, intra 0, inter 0, env map[]", "--shuffle"},
	} {
		config := Configuration{Graph: c.graph, Config: setting.Defaults(), Command: []string{"run", c.graph.Name}}
		for _, item := range c.said {
			key, value, _ := strings.Cut(item, "=")
			if err := setting.Change(&config.Config, key, value); err != nil {
				t.Fatal(err)
			}
		}
		done, err := Configure(config)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		shuffle, _ := setting.Find("shuffle")
		if got := fmt.Sprintf("shuffle %s, intra %d, inter %d, env %v", shuffle.Shown(done.Config), done.Config.IntraOp, done.Config.InterOp, done.Config.Env); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := strings.Join(done.Command[2:], " "); got != c.command {
			t.Errorf("%s: the command has %q, want %q", name, got, c.command)
		}
		if again, err := Configure(done); err != nil || canonical(again.Config) != canonical(done.Config) {
			t.Errorf("%s: configured twice, it is %+v, %v", name, again.Config, err)
		}
	}
	if env := g.Process.Env; len(env) != 2 || env["XLA_FLAGS"] != "a" {
		t.Errorf("the graph's own variables are now %v", env)
	}
}

// A script's shuffling keeps its data from staying on the device, unless it is told not
// to shuffle.
func TestResidentDataOfAScript(t *testing.T) {
	g := makeGraph(t, "script", "resident", "settings.shuffle=true")
	c := setting.Defaults()
	c.Feed = record.FeedResident
	if _, err := Resolve(g, c); err == nil || !strings.Contains(err.Error(), "shuffle: ") || !strings.Contains(err.Error(), "set it to no") {
		t.Errorf("a script that shuffles: %v", err)
	}
	c.Shuffle = new(false)
	if _, err := Resolve(g, c); err != nil {
		t.Error(err)
	}
}
