package folder

import (
	"io/fs"
	"os"
	"path/filepath"

	"epochtime/harness/dataset"
)

// Walk calls visit with each file in dir and in the folders in it, in the order of
// their names, with links followed and without hidden ones. It ends with the first
// error. A link to a folder that it is in is ErrUnreadable: following it has no end.
func Walk(b *dataset.Builder, dir string, visit func(path string, info fs.FileInfo) error) error {
	return walk(b, dir, nil, visit)
}

func walk(b *dataset.Builder, dir string, around []fs.FileInfo, visit func(string, fs.FileInfo) error) error {
	entries, err := b.List(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.IsDir() {
			if err := visit(path, e); err != nil {
				return err
			}
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return dataset.Errorf(dataset.ErrUnreadable, nil, "%w", err)
		}
		for _, outer := range around {
			if os.SameFile(outer, info) {
				return dataset.Errorf(dataset.ErrUnreadable, nil, "%s is a link to a folder that it is in: remove it", path)
			}
		}
		if err := walk(b, path, append(around[:len(around):len(around)], info), visit); err != nil {
			return err
		}
	}
	return nil
}
