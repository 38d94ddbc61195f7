// Tells callgrind where counting begins and ends; without callgrind these do nothing.
// Must not need valgrind's headers, so that the program is the same with and without valgrind.

#pragma once

void callgrind_begin(void);
void callgrind_end(void);
