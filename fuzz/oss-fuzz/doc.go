// Package ossfuzz holds what OSS-Fuzz wants of a project: project.yaml, a Dockerfile and build.sh, which builds the entry
// points of fuzz/gofuzz with seeds from the golden vectors and fuzz/teleport.dict. The Go files are its tests alone.
package ossfuzz
