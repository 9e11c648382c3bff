package roster

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/setting"
	"epochtime/internal/zerocheck"
)

func TestRead(t *testing.T) {
	const text = `
[defaults]
device = "gpu"
intra-op = 4

[[machine]]
name = "gpu7"
worker = "ssh gpu7 'my worker'"

[[machine]]
name = "desk"
device = "cpu"
shuffle = false
preprocess = ["x:scale=255"]
env = { TF_X = 1, A = "b c" }
`
	machines, err := Read(strings.NewReader(text))
	if err != nil || len(machines) != 2 {
		t.Fatalf("%+v, %v", machines, err)
	}
	first, second := setting.Defaults(), setting.Defaults()
	if err := errors.Join(machines[0].Apply(&first), machines[1].Apply(&second)); err != nil {
		t.Fatal(err)
	}
	if machines[0].Name != "gpu7" || !slices.Equal(first.Worker, []string{"ssh", "gpu7", "my worker"}) || first.Device != "gpu" || first.IntraOp != 4 {
		t.Errorf("%s: %+v", machines[0].Name, first)
	}
	if second.Device != "cpu" || second.IntraOp != 4 || second.Shuffle == nil || *second.Shuffle || len(second.Preprocess) != 1 ||
		second.Env["TF_X"] != "1" || second.Env["A"] != "b c" || second.Worker != nil {
		t.Errorf("%+v", second)
	}
}

func TestReadRefuses(t *testing.T) {
	one := "[[machine]]\nname = \"a\"\nworker = \"ssh a w\"\n"
	for text, want := range map[string]string{
		"":                        "it has no [[machine]]",
		"x":                       "line 1: ",
		"[[machine]]\nname = 7\n": `machine 1 (""): name is missing`,
		"[[machine]]\nname = \"\"\nworker = \"w\"\n":             "name is missing",
		"[[machines]]\nname = \"a\"\n":                           "there is no key",
		one + "gpu = 1\n":                                        `machine 1 ("a"): there is no setting "gpu": a machine has name, and settings such as worker`,
		one + "device = \"moon\"\n":                              `machine 1 ("a"): device`,
		one + "device = [[1]]\n[[machine]]\n":                    `machine 1 ("a"): device`,
		one + "batch = 1979-05-27\n":                             "batch: it is neither a text",
		one + "env = { A = [\"1\", \"2\"] }\n":                   `env: "A" is no text`,
		one + "intra-op = -1\n":                                  "intra-op",
		one + "[defaults]\nname = \"a\"\n":                       "[defaults]: there is no setting \"name\"",
		one + one:                                                `machine 2 ("a"): another machine before it has the same name`,
		one + strings.Replace(one, "\"a\"", "\"b\"", 1):          `machine 2 ("b"): it has the worker and the device of a`,
		"[[machine]]\nname = \"a\"\n[[machine]]\nname = \"b\"\n": `machine 2 ("b"): it has the worker and the device of a`,
		strings.Repeat("#", most+1):                              "it is longer than",
	} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrRoster) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
	// Two devices of one host are two machines.
	if got, err := Read(strings.NewReader(one + "device = \"gpu:0\"\n" + strings.Replace(one, "\"a\"", "\"b\"", 1) + "device = \"gpu:1\"\n")); err != nil || len(got) != 2 {
		t.Errorf("two devices: %v, %v", got, err)
	}
}

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Read": Read}, &Machine{})
}

// Any text is a list, or an ErrRoster.
func FuzzRead(f *testing.F) {
	f.Add("[[machine]]\nname = \"a\"\nworker = \"ssh a w\"\nenv = { A = 1 }\n[defaults]\ndevice = \"gpu\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Read(strings.NewReader(text))
		if err != nil && !errors.Is(err, ErrRoster) {
			t.Errorf("%v is no ErrRoster", err)
		}
		for _, m := range list {
			c := setting.Defaults()
			if err := m.Apply(&c); err != nil || m.Name == "" {
				t.Errorf("%+v: %v", m, err)
			}
		}
	})
}
