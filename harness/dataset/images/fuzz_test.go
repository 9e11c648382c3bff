package images_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/dataset/datatest"
)

// FuzzFolders: whatever files a folder holds, the set or the error is sound.
func FuzzFolders(f *testing.F) {
	for _, seed := range []string{"", "a/x.jpg\nb/y.png", "a/b/c/x.JPEG\na/y.gif\nd/.hidden", "x.jpg\na/x.txt", "a/Thumbs.db\nb/", "a\xff/é.bmp\nb/x.jpg"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, names string) {
		dir := t.TempDir()
		for i, name := range strings.Split(names, "\n") {
			if i == 8 || !filepath.IsLocal(name) {
				break
			}
			path := filepath.Join(dir, name)
			if strings.HasSuffix(name, "/") {
				_ = os.MkdirAll(path, 0o755) // where the system has such names
				continue
			}
			_ = os.MkdirAll(filepath.Dir(path), 0o755)
			_ = os.WriteFile(path, []byte(name), 0o644)
		}
		if s := datatest.Sound(t, request(dir, datatest.Image("x"), datatest.Label("y", 3))); s != nil {
			datatest.Close(t, s)
		}
	})
}
