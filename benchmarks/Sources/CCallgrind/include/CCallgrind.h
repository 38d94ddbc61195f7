// Tells callgrind where counting begins and ends; outside it these do nothing.
// Must not need valgrind's headers, so that the program is the same whether valgrind is installed or not.

#pragma once

void callgrind_begin(void);
void callgrind_end(void);
