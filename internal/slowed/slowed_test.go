//go:build linux

package slowed

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program whose steps print their arguments and return a tensor, which it takes
// care of, and what it prints of each call.
const (
	step = `
#include <stdio.h>
#include <stdlib.h>
static int made, deleted;
void TF_SessionRun(void *a, void *b, void *c, void *d, int e, void *f, void **g, int h, void *i, int j, void *k, void *l) {
	printf("step %ld %ld %ld %ld %d %ld %d %ld %d %ld %ld\n", (long)a, (long)b, (long)c, (long)d, e, (long)f, h, (long)i, j, (long)k, (long)l);
	g[0] = malloc(1);
	made++;
}
void TF_DeleteTensor(void *t) {
	free(t);
	deleted++;
}
void left(void) { printf("%d left\n", made - deleted); }`
	caller = `
#include <stdio.h>
void TF_SessionRun(void *, void *, void *, void *, int, void *, void **, int, void *, int, void *, void *);
void TF_DeleteTensor(void *);
void left(void);
int main(void) {
	for (int i = 0; i < 50; i++) {
		void *result[1] = {0};
		TF_SessionRun((void *)1, (void *)2, (void *)3, (void *)4, 5, (void *)6, result, 1, (void *)9, 10, (void *)11, (void *)12);
		TF_DeleteTensor(result[0]);
	}
	left();
}`
)

func compile(t *testing.T, text, out string, args ...string) {
	t.Helper()
	c := exec.Command("cc", append([]string{"-x", "c", "-", "-o", out}, args...)...)
	c.Stdin = strings.NewReader(text)
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// Of the ten steps after the first forty, so many run twice, with what they are called with, and leave nothing behind.
func TestSlowed(t *testing.T) {
	dir := t.TempDir()
	compile(t, step, filepath.Join(dir, "libstep.so"), "-shared", "-fPIC")
	program := filepath.Join(dir, "program")
	compile(t, caller, program, "-x", "none", filepath.Join(dir, "libstep.so"), "-Wl,-rpath,"+dir)
	library, err := Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	for share, steps := range map[float64]int{0: 50, 0.25: 52, 0.5: 55, 2: 70} {
		c := exec.Command(program)
		c.Env = Strings(Env(library, share))
		got, err := c.Output()
		want := strings.Repeat("step 1 2 3 4 5 6 1 9 10 11 12\n", steps) + "0 left\n"
		if err != nil || string(got) != want {
			t.Errorf("slowed by %g: %v\n%s", share, err, got)
		}
	}
}

func TestBuildFails(t *testing.T) {
	if _, err := Build(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "slowed.so") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
