package tp

import (
	"path"
	"strings"
)

// snakeString turns a Go name into the segment of a path: an underscore before
// every A-Z that has something other than underscores before it, then all in
// lower case. XxYy gives xx_yy, UserID user_i_d, Xx_Yy xx__yy.
func snakeString(name string) string {
	b := make([]byte, 0, 2*len(name))
	word := false // something other than an underscore was there
	for i := 0; i < len(name); i++ {
		c := name[i]
		if word && c >= 'A' && c <= 'Z' {
			b = append(b, '_')
		}
		if c != '_' {
			word = true
		}
		b = append(b, c)
	}
	return strings.ToLower(string(b))
}

// joinPath joins a group's prefix and further segments to a clean, rooted
// path. Prefixes are taken as they are: no snake case, slashes are welcome.
func joinPath(prefix string, segments ...string) string {
	return path.Join("/", prefix, path.Join(segments...))
}
