package measure

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/setting"
)

// A pipeline makes the batches: what is said of how they are made is refused, and the
// defaults are not.
func TestPipelineSettings(t *testing.T) {
	plain, g := makeGraph(t, "plain"), makeGraph(t, "script")
	g.Pipeline = &graph.Pipeline{}
	for said, refused := range map[string]string{
		"": "", "epochs=3": "", "seed=2": "", "shuffle=no": "", "prefetch=2": "", "prefetch=0": "", "feed-threads=1": "", "batch=32": "", "samples=1000": "", "pipeline=memory": "", "pipeline=script": "",
		"batch=64": "batch: script is fed", "batch=full": "batch: script is fed", "samples=10": "samples: ", "take=5": "take: ", "shuffle=yes": "shuffle: ",
		"preprocess=x:flip": "preprocess: ", "pad-to=8": "pad-to: ", "prefetch=3": "prefetch: ", "feed-threads=2": "feed-threads: ", "feed=resident": "feed: script is fed",
	} {
		c := Configuration{Graph: g, Config: setting.Defaults(), Command: []string{"run", "script"}}
		if key, value, ok := strings.Cut(said, "="); ok {
			if err := setting.Change(&c.Config, key, value); err != nil {
				t.Fatal(err)
			}
		}
		done, err := Configure(c)
		switch {
		case refused == "" && err != nil:
			t.Errorf("%s: %v", said, err)
		case refused != "" && (!errors.As(err, new(*setting.Error)) || !strings.HasPrefix(err.Error(), refused)):
			t.Errorf("%s: %v, want %s", said, err, refused)
		case err == nil:
			if again, err := Configure(done); err != nil || canonical(again.Config) != canonical(done.Config) {
				t.Errorf("%s: configured twice: %v, %v", said, again.Config, err)
			}
		}
	}
	c := setting.Defaults()
	if err := setting.Change(&c, "pipeline", "memory"); err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(plain, c); err == nil || !strings.Contains(err.Error(), "pipeline: plain is not fed by") {
		t.Errorf("without a pipeline: %v", err)
	}
}

// A search does not vary what a pipeline does not use.
func TestPipelineCandidates(t *testing.T) {
	g := makeGraph(t, "script")
	prefetches := func() bool {
		list, err := Candidates(Configuration{Graph: g, Config: setting.Defaults()}, nil,
			func(string) bool { return false }, func(g *graph.Manifest) string { return g.Name }, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list, func(c Configuration) bool { return strings.Contains(c.Label, "prefetch") })
	}
	if !prefetches() {
		t.Error("a graph that is fed batches is not tried without preparing them ahead")
	}
	if g.Pipeline = new(graph.Pipeline); prefetches() {
		t.Error("batches of a pipeline are tried prepared ahead")
	}
}
