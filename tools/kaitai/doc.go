// Package kaitai holds no code for others: it is the test that reads the golden vectors with a parser that nobody
// here wrote, the one that Kaitai Struct makes of spec/teleport.ksy. check.js runs that parser under Node; the test
// sends it every vector and compares. `npm ci` in this folder fetches the compiler.
package kaitai
