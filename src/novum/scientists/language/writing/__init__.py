"""Writing with a model: prose that can only point to what is on record, checked sentence by sentence.

sheet   what may be pointed to, each thing by a short name and in words, without its digits
prose   what is wrong with a sentence of a model
writer  asks for the sections, has faults mended a bounded number of times, drops what still fails
weave   puts what is left into the machine's paper
"""
