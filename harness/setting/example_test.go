package setting_test

import (
	"fmt"
	"log"

	"epochtime/harness/setting"
)

// A setting is changed by its name.
func ExampleChange() {
	c := setting.Defaults()
	if err := setting.Change(&c, "batch", "64"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Batch)
	fmt.Println(setting.Change(&c, "colour", "red"))
	// Output:
	// 64
	// colour: there is no such setting
}

// Set parses the value, and says what it must be.
func ExampleSetting_Set() {
	c := setting.Defaults()
	for _, change := range []struct{ name, value string }{
		{"env.OMP_NUM_THREADS", "1"},
		{"device", "gpu:1"},
		{"device", "abacus"},
		{"executor", "auto"}, // its word for unset
	} {
		s, _ := setting.Find(change.name)
		if err := s.Set(&c, change.value); err != nil {
			fmt.Printf("%s: %v\n", s.Name, err)
			continue
		}
		fmt.Printf("%s: %s\n", s.Name, s.Shown(c))
	}
	// Output:
	// env.OMP_NUM_THREADS: 1
	// device: gpu:1
	// device: it is one of cpu, gpu, gpu:N, gpu:N,M, tpu
	// executor: auto
}

// The settings in which two configurations differ have an order and values for people.
func ExampleDiffering() {
	a := setting.Defaults()
	a.Batch = 32
	b := a
	b.Batch, b.IntraOp = 64, 2
	for _, s := range setting.Differing(a, b) {
		fmt.Printf("%s: %s and %s\n", s.Name, s.Shown(a), s.Shown(b))
	}
	// Output:
	// batch: 32 and 64
	// intra-op: default and 2
}
