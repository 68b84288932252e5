// Package harness measures wire peers against each other: throughput, latency, CPU, allocations and memory, of two
// processes on one machine or on two.
//
// A [System] is what is measured: it can listen, dial, and make one call after another. Its server and its clients run
// in worker processes ([WorkerMain]), which a controller ([Controller]) starts, drives and reads. A [Cell] says what
// to do (which system, how many clients over how many connections, closed or open loop, which message), a [Run] is one
// repetition of a cell, and a [Row] is a cell with all its runs and the statistics over them.
//
// Every reply is compared with its request inside the measured loop; a cell in which one call failed, or one reply was
// wrong, is invalid and says why.
package harness
