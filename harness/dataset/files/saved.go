package files

import (
	"encoding/json"
	"os"
	"path/filepath"

	"epochtime/harness/dataset"
)

// saved lists the files of a folder that save_to_disk of Hugging Face's datasets wrote:
// one Dataset, whose state names them. Several are an error; nil: it is no such folder.
func saved(dir string) ([]string, error) {
	var dict struct{ Splits []string }
	switch ok, err := readJSON(dir, "dataset_dict.json", &dict); {
	case err != nil:
		return nil, err
	case ok && len(dict.Splits) == 1 && filepath.IsLocal(dict.Splits[0]):
		return saved(filepath.Join(dir, dict.Splits[0]))
	case ok:
		return nil, severalSplits(dir, inFolder(dir, dict.Splits))
	}
	var state struct {
		Files []struct{ Filename string } `json:"_data_files"`
	}
	ok, err := readJSON(dir, "state.json", &state)
	if !ok || err != nil {
		return nil, err
	}
	var out []string
	for _, f := range state.Files {
		if !filepath.IsLocal(f.Filename) {
			return nil, dataset.Errorf(dataset.ErrUnreadable, nil, "%s names %q, which is not in its folder", filepath.Join(dir, "state.json"), f.Filename)
		}
		out = append(out, filepath.Join(dir, f.Filename))
	}
	return out, nil
}

// readJSON reads a file of a folder, if it is there.
func readJSON(dir, name string, to any) (bool, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		return false, dataset.Errorf(dataset.ErrUnreadable, nil, "%s: %w", path, err)
	}
	return true, nil
}

func inFolder(dir string, names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, filepath.Join(dir, name))
	}
	return out
}
